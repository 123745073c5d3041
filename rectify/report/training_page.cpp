// The page of a training run, put together.
#include <algorithm>
#include <cmath>
#include <string>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"
#include "rectify/report/training.h"
#include "rectify/report/training_tables.h"

namespace rectify::report {
namespace {

const TrainingEpoch* best_of(const Training& run) {
  const auto best = std::ranges::find(run.history, run.best_epoch, &TrainingEpoch::epoch);
  return best == run.history.end() ? nullptr : &*best;
}

std::string layers_tile(const Training& run) {
  const TrainingEpoch* best = best_of(run);
  if (!best || best->layers.empty()) return "";
  const TrainedLayer& worst =
      *std::ranges::max_element(best->layers, {}, &TrainedLayer::dead_units);
  if (worst.dead_units == 0) return tile("Dead units", "none", "every unit still learns");
  return tile("Most dead units", escape_html(worst.label), share_text(worst.dead_units));
}

/// What the simplest answer to everything would reach.
std::string baseline_text(const Training& run) {
  if (!std::isfinite(run.baseline)) return "";
  return std::string(run.class_names.empty() ? "; predicting the mean: "
                                             : "; the commonest class: ") +
         prose(error_text(run, run.baseline));
}

}  // namespace

std::string training_headline(const Training& run) {
  const std::string done = plural(run.history.size(), "epoch");
  if (run.end == TrainingEnd::failed)
    return capitalised(run.trouble.substr(0, run.trouble.find(';'))) + ".";
  if (run.end == TrainingEnd::stopped)
    return "Stopped after " + done + " of " + std::to_string(run.epochs) + ".";
  if (!std::isfinite(run.test_error)) return "Trained for " + done + ".";
  return "Test error " + error_text(run, run.test_error) + ", by the weights of epoch " +
         std::to_string(run.best_epoch) + " of " + std::to_string(run.history.size()) + ".";
}

std::string training_scope(const Training& run) {
  return run.model + ", on " + run.data + "." + trouble_text(run.end, run.trouble);
}

std::string trouble_text(TrainingEnd end, const std::string& trouble) {
  if (end == TrainingEnd::stopped && !trouble.empty()) return " " + capitalised(trouble) + ".";
  const std::size_t advice = trouble.find("; ");
  if (end == TrainingEnd::failed && advice != std::string::npos)
    return " " + capitalised(trouble.substr(advice + 2)) + ".";
  return {};
}

std::string training_tiles(const Training& run) {
  std::string tiles;
  if (std::isfinite(run.test_error))
    tiles += tile("Test error", prose(error_text(run, run.test_error)),
                  count_text(run.test_samples) + " samples" + baseline_text(run));
  for (const auto& [name, value] : run.scores) tiles += tile(escape_html(name), prose(value), "");
  if (const TrainingEpoch* best = best_of(run))
    tiles += tile("Best epoch", std::to_string(best->epoch),
                  std::string(run.validated ? "validation" : "training") + " error " +
                      prose(error_text(run, best->validation_error)));
  if (const TrainingEpoch* best = best_of(run); best && std::isfinite(best->certified_error))
    tiles += tile("Certified error", share_text(best->certified_error),
                  std::string(run.validated ? "validation" : "training") +
                      " samples that interval bounds do not prove");
  double seconds = 0;
  for (const TrainingEpoch& epoch : run.history) seconds += epoch.seconds;
  if (!run.history.empty())
    tiles += tile("Training", column_text(seconds) + "&nbsp;s",
                  column_text(seconds / static_cast<double>(run.history.size())) + " s per epoch");
  tiles += layers_tile(run);
  return tiles;
}

std::string answers_box(const std::string& tiles) {
  return tiles.empty() ? "" : "  <dl class=\"answers\">\n" + tiles + "  </dl>";
}

std::string timeline_html(const Training& run) {
  if (run.events.empty()) return {};
  std::string items;
  for (const auto& [epoch, text] : run.events)
    items += concat("    <li><span>epoch ", epoch, "</span> ", prose(text), "</li>\n");
  return "<section id=\"events\" aria-labelledby=\"events-title\">\n"
         "  <h2 id=\"events-title\">What happened</h2>\n  <ol class=\"timeline\">\n" +
         items + "  </ol>\n</section>\n";
}

std::string error_text(const Training& run, double error) {
  if (run.class_names.empty()) return "RMSE " + significant_text(error, 4);
  return percent_text(error, 2) + " %";
}

std::string training_charts(bool classes) {
  return filled(
      page::training_charts_html(),
      {{"error_title", classes ? "Error" : "Error (RMSE)"},
       {"error_words", classes ? "Share of samples that are classified wrongly."
                               : "Root of the mean squared error, in the targets' own units."}});
}

std::string to_html(const Training& run) {
  const bool classes = !run.class_names.empty();
  const std::string head = training_headline(run);
  const std::string content =
      filled(page::training_html(),
             {{"version", escape_html(run.version)},
              {"date", escape_html(run.date)},
              {"headline", prose(head)},
              {"headline_size", head.size() > 150 ? "long" : "short"},
              {"scope", escape_html(training_scope(run))},
              {"answers", answers_box(training_tiles(run))},
              {"notes", notes_html(run.notes)},
              {"timeline", timeline_html(run)},
              {"charts", training_charts(classes)},
              {"figures_title", classes ? "Classes" : "Predicted and actual"},
              {"figures", classes ? classes_html(run) : targets_html(run)},
              {"worst", worst_html(run)},
              {"command", command_box(run.command,
                                      "This command trains the same network again; on the same "
                                      "instruction set it gives the same weights to the bit.")},
              {"setup", "  <div class=\"setup\">\n" + settings_table(run.config) +
                            "  <div class=\"stack\">\n" + pairs_table("Data", run.data_facts) +
                            pairs_table("Machine", run.machine) + "  </div>\n  </div>\n" +
                            pairs_table("Network", {{"text form", run.model}})}});
  return framed({.title = "Rectify: " + head,
                 .version = run.version,
                 .content = content,
                 .data = script_safe(training_data(run)),
                 .charts = page::training_js()});
}

}  // namespace rectify::report
