// The page of a diagnosis, put together: is it healthy, what is wrong, what to change.
#include "rectify/report/diagnosis_page.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/graph/text.h"
#include "rectify/report/diagnosis_parts.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

using diagnose::Facts;
using diagnose::Finding;
using diagnose::LayerFigures;
using diagnose::Severity;
using diagnose::Verdict;

namespace {

/// What every such page has, so that it can be told from a person's own file.
constexpr std::string_view page_mark = "<header class=\"top\" id=\"rectify-diagnosis\">";

bool is_ill(std::span<const Finding> findings) {
  return !findings.empty() && findings.front().severity != Severity::note;
}

std::string diagnosis_headline(std::span<const Finding> findings) {
  if (findings.empty()) return "Nothing was found";
  if (!is_ill(findings)) return "Nothing worse than a note was found";
  const Finding& first = findings.front();
  return first.title + (first.where.empty() ? "" : " · " + first.where);
}

/// The sentence under the headline: what to change.
std::string first_advice(std::span<const Finding> findings) {
  if (!is_ill(findings)) return "  <p class=\"advice\">Nothing needs to change.</p>";
  const Finding& first = findings.front();
  if (first.advice.empty()) return "";
  return "  <p class=\"advice\"><strong>What to change:</strong> " +
         advice_html(first.advice, first.changes) + "</p>";
}

/// "3 faults", and beside it the warnings and notes.
std::string found_tile(std::span<const Finding> findings) {
  std::vector<std::string> counts;
  for (const Severity severity : {Severity::fault, Severity::warning, Severity::note})
    if (const auto n = std::ranges::count(findings, severity, &Finding::severity); n > 0)
      counts.push_back(plural(static_cast<std::size_t>(n), name_of(severity)));
  if (counts.empty()) return tile("Found", "nothing", "of all that is looked for");
  std::string others;
  for (std::size_t i = 1; i < counts.size(); ++i) others += (i > 1 ? ", " : "and ") + counts[i];
  return tile("Found", counts[0], others);
}

std::string error_tile(const Facts& facts) {
  if (!facts.outcome || !std::isfinite(facts.outcome->error)) return "";
  const ErrorScale scale(!facts.outcome->classes);
  return tile(facts.outcome->classes ? "Error" : "Error (RMSE)",
              prose(scale.with_unit(facts.outcome->error)),
              "a constant answer: " + prose(scale.with_unit(facts.outcome->baseline_error)));
}

std::string rate_tile(const Facts& facts) {
  if (!facts.rates.made()) return "";
  return tile("Learning rate", significant_text(facts.rates.asked, 3),
              brings_loss_down(facts.rates)
                  ? "best of the short trainings: " + significant_text(facts.rates.best().rate, 3)
                  : "no other brings the loss down");
}

std::string heart_tile(const Facts& facts) {
  if (facts.small_fit.samples == 0 || facts.outcome) return "";
  return tile(
      "Loss on " + plural(facts.small_fit.samples, "sample"),
      significant_text(facts.small_fit.loss_before, 2) + " → " +
          significant_text(facts.small_fit.loss_after, 2),
      "trained on these alone, " + plural(static_cast<std::size_t>(facts.small_fit.steps), "step"));
}

std::string dead_tile(const Facts& facts) {
  const diagnose::Look* look = facts.latest();
  if (!look || look->layers.empty()) return "";
  const LayerFigures& worst = *std::ranges::max_element(
      look->layers, {}, [](const LayerFigures& l) { return l.share(Verdict::dead); });
  const std::string inputs = "on " + plural(look->inputs, "input");
  if (worst.count(Verdict::dead) == 0) return tile("Dead units", "none", inputs);
  return tile("Dead units", share_text(worst.share(Verdict::dead)),
              "of " + escape_html(worst.label) + ", " + inputs);
}

std::string mending_html(const DiagnosisPage& page, bool ill) {
  if (!ill) return "";
  return command_box(page.command, page.subject.empty() ? "To train with this change:"
                                                        : "To train it anew with this change:");
}

/// A link to a section; none to one that is not there.
std::string nav_link(const char* id, const char* name, const std::string& section) {
  return section.empty() ? "" : concat("    <a href=\"#", id, "\">", name, "</a>\n");
}

std::string scope_of(const Facts& facts, const DiagnosisPage& page) {
  const std::string what = !page.subject.empty() ? page.subject
                           : facts.network ? "Before training: " + graph::model_text(*facts.network)
                                           : "Before training";
  return what + ", on " + facts.data + ".";
}

}  // namespace

std::string to_html(const Facts& facts, std::span<const Finding> findings,
                    const DiagnosisPage& page) {
  const std::string head = diagnosis_headline(findings);
  const bool ill = is_ill(findings);
  const std::string rates = rates_section(facts, findings), signal = signal_section(facts),
                    layers = layers_section(facts), classes = classes_section(facts, findings);
  const std::string content = filled(
      page::diagnosis_html(),
      {{"mark", std::string(page_mark)},
       {"version", std::string(version)},
       {"date", escape_html(page.date)},
       {"badge", ill ? severity_html(findings.front().severity)
                     : "<span class=\"severity healthy\">Healthy</span>"},
       {"headline", prose(head)},
       {"headline_size", head.size() > 150 ? "long" : "short"},
       {"scope", escape_html(scope_of(facts, page))},
       {"advice", first_advice(findings)},
       {"command", mending_html(page, ill)},
       {"answers", "  <dl class=\"answers\">\n" + found_tile(findings) + error_tile(facts) +
                       rate_tile(facts) + heart_tile(facts) + dead_tile(facts) + "  </dl>"},
       {"nav", nav_link("rates", "Learning rates", rates) +
                   nav_link("signal", "Signals by depth", signal) +
                   nav_link("layers", "Layers", layers) + nav_link("classes", "Classes", classes)},
       {"findings", findings_section(findings)},
       {"charts", rates + signal},
       {"tables", layers + classes},
       {"looked_at", looked_at_html(facts, page.subject)}});
  return framed({.title = "Rectify: " + head,
                 .version = std::string(version),
                 .content = content,
                 .data = script_safe(diagnosis_chart_data(facts, findings)),
                 .charts = page::diagnosis_js()});
}

bool is_diagnosis(std::string_view content) {
  if (content.find(page_mark) != std::string_view::npos) return true;
  try {
    const Json json = Json::parse(content);
    return json.contains("schema") && json.contains("findings") && json.contains("rectify");
  } catch (const Error&) {
    return false;
  }
}

}  // namespace rectify::report
