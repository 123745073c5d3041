// The page of a pretraining, put together.
#include <algorithm>
#include <cmath>
#include <string>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"
#include "rectify/report/pretraining.h"
#include "rectify/report/training_tables.h"

namespace rectify::report {
namespace {

double seconds_of(const PretrainedPart& part) {
  double seconds = 0;
  for (const PretrainedEpoch& epoch : part.history) seconds += epoch.seconds;
  return seconds;
}

std::string pretraining_headline(const Pretraining& run) {
  const auto part = std::ranges::find_if(run.parts, [](const PretrainedPart& p) {
    return p.history.size() < static_cast<std::size_t>(p.epochs);
  });
  if (run.end == TrainingEnd::failed) {
    const std::string what = run.trouble.substr(0, run.trouble.find(';'));
    return capitalised(part == run.parts.end() ? what : part->label + ": " + what) + ".";
  }
  if (run.end == TrainingEnd::stopped) {
    if (part == run.parts.end()) return "Stopped after the last epoch.";
    return concat("Stopped in ", part->label, ", after ", part->history.size(), " of ",
                  plural(static_cast<std::size_t>(part->epochs), "epoch"), ".");
  }
  double seconds = 0;
  for (const PretrainedPart& part : run.parts) seconds += seconds_of(part);
  return concat(plural(run.layers, "layer"), " learnt from ",
                plural(static_cast<std::size_t>(run.samples), "sample"), " without labels in ",
                duration_text(seconds), ".");
}

/// How much the validation loss changed in the last epoch, as a share of it; NaN: not known.
double last_change(const PretrainedPart& part) {
  const std::size_t n = part.history.size();
  if (n < 2) return no_value;
  const double before = part.history[n - 2].validation_loss;
  return before > 0 ? part.history[n - 1].validation_loss / before - 1 : no_value;
}

std::string change_text(double share) {
  if (!std::isfinite(share)) return std::string(no_figure);
  if (std::abs(share) < 0.0005) return "0.0&nbsp;%";
  return concat(share < 0 ? "−" : "+", fixed_text(100 * std::abs(share), 1), "&nbsp;%");
}

std::string better_tile(const Pretraining& run) {
  constexpr double settled = 0.01;  // of the loss, in an epoch
  std::string falling, changes;
  for (const PretrainedPart& part : run.parts) {
    const double change = last_change(part);
    if (!std::isfinite(change)) continue;
    if (change < -settled) falling += (falling.empty() ? "" : ", ") + part.label;
    changes += (changes.empty() ? "" : ", ") + change_text(change);
  }
  if (changes.empty()) return "";
  return tile("Still getting better", falling.empty() ? "hardly" : escape_html(falling),
              "validation loss in the last epoch: " + changes);
}

/// The layer whose free-energy gap has grown most since it was lowest.
std::string gap_tile(const Pretraining& run) {
  double most = -1;
  std::string answer, detail;
  for (const PretrainedPart& part : run.parts) {
    if (part.history.empty() || !std::isfinite(part.history.back().free_energy_gap)) continue;
    const auto lowest = std::ranges::min_element(part.history, {}, [](const PretrainedEpoch& e) {
      return std::isfinite(e.free_energy_gap) ? e.free_energy_gap : INFINITY;
    });
    const double growth = part.history.back().free_energy_gap - lowest->free_energy_gap;
    if (growth <= most) continue;
    most = growth;
    const bool grows = growth > 0.01;
    answer = grows ? "+" + escape_html(significant_text(growth, 3)) : "no growth";
    detail = grows ? concat(escape_html(part.label), ", since epoch ", lowest->epoch) : "";
  }
  return answer.empty() ? "" : tile("Free-energy gap", answer, detail);
}

std::string zeros_tile(const Pretraining& run) {
  const PretrainedPart* most = nullptr;
  for (const PretrainedPart& part : run.parts)
    if (!part.history.empty() && (!most || part.history.back().zeros > most->history.back().zeros))
      most = &part;
  if (!most) return "";
  const PretrainedEpoch& last = most->history.back();
  return tile(
      "Outputs that are 0", share_text(last.zeros),
      escape_html(most->label + ", mean activity " + significant_text(last.mean_activity, 3)));
}

std::string reconstruction_tile(const Pretraining& run) {
  if (!std::isfinite(run.reconstruction_error)) return "";
  std::string detail = "mean square, on test samples";
  if (std::isfinite(run.principal_error))
    detail += concat("; ", plural(static_cast<std::size_t>(run.components), "principal component"),
                     ": ", significant_text(run.principal_error, 3));
  return tile("Reconstruction error", significant_text(run.reconstruction_error, 3), detail);
}

std::string pretraining_tiles(const Pretraining& run) {
  return better_tile(run) + gap_tile(run) + zeros_tile(run) + reconstruction_tile(run);
}

std::string parts_table(const Pretraining& run) {
  std::string out =
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Layers\">\n"
      "  <table class=\"results\"><thead><tr>";
  for (const char* name :
       {"Layer", "Asked for", "Epochs", "Training loss", "Validation loss", "Change, last epoch",
        "Free-energy gap", "Mean activity", "Exact zeros", "Seconds"})
    out += concat("<th scope=\"col\"",
                  std::string_view(name) == "Asked for" ? " class=\"words\">" : ">", name, "</th>");
  out += "</tr></thead>\n<tbody>\n";
  const auto cell = [](const std::string& html) { return "<td>" + html + "</td>"; };
  for (const PretrainedPart& part : run.parts) {
    const PretrainedEpoch last = part.history.empty()
                                     ? PretrainedEpoch{.mean_activity = no_value, .zeros = no_value}
                                     : part.history.back();
    out += "<tr><th scope=\"row\">" + escape_html(part.label) + "</th>" + "<td class=\"words\">" +
           escape_html(part.text) + "</td>" +
           cell(concat(part.history.size(), " of ", part.epochs)) +
           cell(significant_text(last.loss, 4)) + cell(significant_text(last.validation_loss, 4)) +
           cell(change_text(last_change(part))) + cell(significant_text(last.free_energy_gap, 3)) +
           cell(significant_text(last.mean_activity, 3)) + cell(share_text(last.zeros)) +
           cell(part.history.empty() ? std::string(no_figure) : column_text(seconds_of(part))) +
           "</tr>\n";
  }
  return out + "</tbody></table></div>";
}

/// The places of the learning curves.
std::string losses_html(const Pretraining& run) {
  std::string out;
  for (std::size_t i = 0; i < run.parts.size(); ++i)
    out += concat("    <figure class=\"panel\">\n      <h4>", escape_html(run.parts[i].label),
                  "</h4>\n      <p>", escape_html(run.parts[i].text),
                  "</p>\n      <div class=\"canvas\"><canvas id=\"loss-", i,
                  "\"></canvas></div>\n    </figure>\n");
  return out;
}

bool has_free_energy_gap(const Pretraining& run) {
  return std::ranges::any_of(run.parts, [](const PretrainedPart& part) {
    return std::ranges::any_of(part.history, [](const PretrainedEpoch& epoch) {
      return std::isfinite(epoch.free_energy_gap);
    });
  });
}

constexpr std::string_view gap_panel =
    R"(    <figure class="panel">
      <h4>Free-energy gap</h4>
      <p>Mean free energy of validation samples less that of as many training samples. What counts is
      whether it grows: then the machine begins to learn its samples by heart, and fewer epochs or
      fewer units help.</p>
      <div class="canvas"><canvas id="gap"></canvas></div>
    </figure>
)";

std::string pictures_html(const Pretraining& run) {
  if (run.pictures.empty()) return "";
  std::string out =
      "<section id=\"pictures\" aria-labelledby=\"pictures-title\">\n"
      "  <h2 id=\"pictures-title\">What was learnt</h2>\n";
  for (const Picture& picture : run.pictures)
    out += "  <figure class=\"sheet\"><h3>" + escape_html(picture.title) +
           "</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
           escape_html(picture.title) + "\"><img src=\"data:image/png;base64," +
           base64(picture.png) + "\" alt=\"" + escape_html(picture.title) +
           "\"></div><figcaption>" + prose(picture.words) + "</figcaption></figure>\n";
  return out + "</section>\n\n";
}

std::string next_html(const Pretraining& run) {
  if (run.next.empty())
    return "  <p class=\"empty\">Start again at a lower rate: by --lr, or where the "
           "stack says lr, there.</p>";
  switch (run.end) {
    case TrainingEnd::finished:
      return command_box(run.next,
                         "This command trains a network with labels that starts from these layers, "
                         "with one more layer for the answers.",
                         "next-command");
    case TrainingEnd::stopped:
      return command_box(run.next, "This command goes on to the same bits.", "next-command");
    case TrainingEnd::failed:
      break;
  }
  return command_box(run.next, "This command tries again, in its place, at a lower rate.",
                     "next-command");
}

Json pretraining_data(const Pretraining& run) {
  Json parts = Json::array();
  for (const PretrainedPart& part : run.parts) {
    const auto each = [&](auto PretrainedEpoch::*figure) {
      return column(part.history, [figure](const PretrainedEpoch& e) { return e.*figure; });
    };
    parts.push_back({{"label", part.label},
                     {"epochs", each(&PretrainedEpoch::epoch)},
                     {"rates", each(&PretrainedEpoch::lr)},
                     {"loss", each(&PretrainedEpoch::loss)},
                     {"validation_loss", each(&PretrainedEpoch::validation_loss)},
                     {"gap", each(&PretrainedEpoch::free_energy_gap)},
                     {"activity", each(&PretrainedEpoch::mean_activity)},
                     {"zeros", each(&PretrainedEpoch::zeros)}});
  }
  return {{"parts", parts}};
}

}  // namespace

std::string to_html(const Pretraining& run) {
  const std::string head = pretraining_headline(run);
  const bool gap = has_free_energy_gap(run);
  const std::string link =
      run.pictures.empty() ? "" : "    <a href=\"#pictures\">What was learnt</a>\n";
  const std::string content = filled(
      page::pretraining_html(),
      {{"version", escape_html(run.version)},
       {"date", escape_html(run.date)},
       {"headline", prose(head)},
       {"headline_size", head.size() > 150 ? "long" : "short"},
       {"scope",
        escape_html(run.stack + ", on " + run.data + "." + trouble_text(run.end, run.trouble))},
       {"answers", answers_box(pretraining_tiles(run))},
       {"notes", notes_html(run.notes)},
       {"pictures_link", link},
       {"table", parts_table(run)},
       {"losses", losses_html(run)},
       {"units_title", gap ? "Learning by heart, and the units" : "Units"},
       {"gap", std::string(gap ? gap_panel : "")},
       {"pictures", pictures_html(run)},
       {"next", next_html(run)},
       {"command", command_box(run.command,
                               "This command trains the same layers again; on the same instruction "
                               "set it gives the same weights to the bit.")},
       {"setup", "  <div class=\"setup\">\n" + settings_table(run.config) +
                     "  <div class=\"stack\">\n" + pairs_table("Data", run.data_facts) +
                     pairs_table("Machine", run.machine) + "  </div>\n  </div>\n" +
                     pairs_table("Network", {{"encoder", run.encoder}})}});
  return framed({.title = "Rectify: " + head,
                 .version = run.version,
                 .content = content,
                 .data = script_safe(pretraining_data(run)),
                 .charts = page::pretraining_js()});
}

}  // namespace rectify::report
