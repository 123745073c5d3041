// The page of a run that goes on.
#include <algorithm>
#include <span>
#include <string>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"
#include "rectify/report/training_tables.h"
#include "rectify/report/watch.h"

namespace rectify::report {
namespace {

std::string under_way(const Training& run) {
  if (run.epochs == 0) return "A training is beginning.";
  const std::string all = " of " + std::to_string(run.epochs);
  if (run.history.empty()) return "The first epoch" + all + " is under way.";
  const TrainingEpoch& last = run.history.back();
  return "After epoch " + std::to_string(last.epoch) + all + ": validation error " +
         error_text(run, last.validation_error) + ".";
}

std::string watch_headline(const Watched& watched) {
  switch (watched.stage) {
    case WatchStage::waiting:
      return "No training has begun here yet.";
    case WatchStage::searching:
      return "Searching for a learning rate: " +
             plural(static_cast<std::size_t>(watched.trials), "trial") + " done.";
    case WatchStage::training:
      return under_way(watched.run);
    case WatchStage::ended:
      break;
  }
  return training_headline(watched.run);
}

std::string watch_scope(const Watched& watched) {
  if (watched.stage == WatchStage::waiting) return "This page shows it as soon as there is one.";
  if (watched.run.model.empty()) return "Its data are being read.";
  std::string text = escape_html(training_scope(watched.run));
  if (watched.stage == WatchStage::ended && watched.has_report)
    text += " Classes, worst samples and settings are in <a href=\"report\">its report</a>.";
  return text;
}

/// The time that the rest takes, by the last few epochs.
std::string rest_tile(const Training& run) {
  const int done = static_cast<int>(run.history.size()), left = run.epochs - done;
  if (done == 0 || left <= 0) return "";
  const int few = std::min(done, 5);
  double seconds = 0;
  for (const TrainingEpoch& epoch : std::span(run.history).last(static_cast<std::size_t>(few)))
    seconds += epoch.seconds;
  return tile("Still to train", escape_html(duration_text(seconds / few * left)),
              plural(static_cast<std::size_t>(left), "epoch") + ", evaluation not counted");
}

/// What changes from one moment to the next, but for the charts.
std::string watch_head(const Watched& watched) {
  const std::string head = watch_headline(watched);
  std::string tiles;
  if (watched.stage == WatchStage::training || watched.stage == WatchStage::ended)
    tiles = training_tiles(watched.run);
  if (watched.stage == WatchStage::training) tiles += rest_tile(watched.run);
  return "  <h1 class=\"" + std::string(head.size() > 150 ? "long" : "short") + "\">" +
         prose(head) + "</h1>\n  <p class=\"scope\">" + watch_scope(watched) + "</p>\n" +
         answers_box(tiles) + "\n" + notes_html(watched.run.notes);
}

std::string watch_title(const Watched& watched) { return "Rectify: " + watch_headline(watched); }

Json charts_of(const Watched& watched) {
  Json charts = training_data(watched.run);
  charts["live"] = true;
  charts["stamp"] = watched.stamp;
  charts["stage"] = std::string(name_of(watched.stage));
  charts["age"] = rounded(watched.age);
  return charts;
}

}  // namespace

std::string watch_page(const Watched& watched) {
  const Training& run = watched.run;
  const bool classes = !run.class_names.empty() || run.model.empty();  // or not known yet
  const std::string content = filled(page::watch_html(), {{"version", escape_html(run.version)},
                                                          {"folder", escape_html(watched.folder)},
                                                          {"head", watch_head(watched)},
                                                          {"timeline", timeline_html(run)},
                                                          {"charts", training_charts(classes)}});
  const std::string script = std::string(page::training_js()) + std::string(page::watch_js());
  return framed({.title = watch_title(watched),
                 .version = run.version,
                 .content = content,
                 .data = script_safe(charts_of(watched)),
                 .charts = script,
                 .live = true});
}

Json watch_update(const Watched& watched) {
  return {{"title", watch_title(watched)},
          {"head", watch_head(watched)},
          {"timeline", timeline_html(watched.run)},
          {"charts", charts_of(watched)}};
}

}  // namespace rectify::report
