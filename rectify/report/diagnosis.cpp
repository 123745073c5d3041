#include "rectify/report/diagnosis.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/diagnose/rules.h"
#include "rectify/graph/text.h"
#include "rectify/report/document.h"
#include "rectify/report/format.h"

namespace rectify::report {

using diagnose::Facts;
using diagnose::Finding;
using diagnose::LayerFigures;
using diagnose::Severity;
using diagnose::Verdict;

namespace {

/// `text` in lines of at most `width`, each after `indent` blanks; the first after `first`.
std::string wrapped(const std::string& text, std::size_t width, const std::string& first,
                    std::size_t indent) {
  std::string out = first;
  std::size_t column = first.size();
  bool begun = false;
  for (const std::string& word : split(text, ' ')) {
    if (begun && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
      begun = false;
    }
    out += (begun ? " " : "") + word;
    column += word.size() + begun;
    begun = true;
  }
  return out + "\n";
}

/// "1 fault, 2 warnings and 1 note", or that nothing was found.
std::string summary_of(std::span<const Finding> findings) {
  std::string text;
  std::size_t kinds = 0;
  for (const Severity severity : {Severity::fault, Severity::warning, Severity::note}) {
    const auto count = std::ranges::count(findings, severity, &Finding::severity);
    if (count == 0) continue;
    text += concat(kinds++ > 0 ? ", " : "", count, " ", name_of(severity), count > 1 ? "s" : "");
  }
  return text.empty() ? "Nothing was found." : text;
}

std::string list_of(const std::vector<std::string>& causes) {
  std::string text;
  for (const std::string& cause : causes) text += (text.empty() ? "" : ", ") + cause;
  return text;
}

std::string text_of_finding(const Finding& finding, std::size_t width) {
  std::string text = concat(name_of(finding.severity), ": ", finding.title,
                            finding.where.empty() ? "" : " (" + finding.where + ")", "\n");
  for (const std::string& sentence : finding.evidence) text += wrapped(sentence, width, "    ", 4);
  if (!finding.advice.empty()) text += wrapped(finding.advice, width, "  > ", 4);
  if (!finding.explained_by.empty())
    text += concat("    follows from ", finding.explained_by, "\n");
  return text;
}

std::string layer_table(const std::vector<LayerFigures>& layers) {
  std::string text = "layer           units   dead  nearly  flat  twins  zeros  directions\n";
  const auto percent = [](double share) { return fixed_text(100 * share, 0) + " %"; };
  const auto cell = [](const std::string& value, std::size_t width) {
    return std::string(value.size() < width ? width - value.size() : 0, ' ') + value;
  };
  for (const LayerFigures& layer : layers) {
    std::string name = layer.label.substr(0, 14);
    name.resize(14, ' ');
    text += concat(name, cell(std::to_string(layer.units.size()), 7),
                   cell(percent(layer.share(Verdict::dead)), 7),
                   cell(percent(layer.share(Verdict::nearly_dead)), 8),
                   cell(percent(layer.share(Verdict::saturated)), 6),
                   cell(std::to_string(layer.count(Verdict::duplicate)), 7),
                   cell(percent(layer.zero_share()), 7),
                   cell(fixed_text(layer.effective_rank, 1), 12), "\n");
  }
  return text;
}

Json json_of(const Finding& finding) {
  Json changes = Json::array();
  for (const diagnose::Change& change : finding.changes)
    changes.push_back({{"flag", change.flag}, {"value", change.value}});
  return {{"cause", finding.cause},
          {"severity", name_of(finding.severity)},
          {"where", finding.where},
          {"title", finding.title},
          {"evidence", finding.evidence},
          {"advice", finding.advice},
          {"changes", changes},
          {"explains", finding.explains},
          {"explained_by", finding.explained_by.empty() ? Json() : Json(finding.explained_by)}};
}

Json json_of(const LayerFigures& layer) {
  Json units = Json::array();
  for (const diagnose::UnitFigures& u : layer.units)
    units.push_back({{"verdict", name_of(u.verdict)},
                     {"firing", u.firing},
                     {"flat", u.flat},
                     {"zeros", u.zeros},
                     {"mean", number_or_null(u.mean)},
                     {"variance", number_or_null(u.variance)},
                     {"smallest", number_or_null(u.smallest)},
                     {"largest", number_or_null(u.largest)},
                     {"output_mean", number_or_null(u.output_mean)}});
  return {{"label", layer.label},
          {"activation", layer.activation},
          {"weight", layer.weight},
          {"positions", layer.positions},
          {"effective_rank", number_or_null(layer.effective_rank)},
          {"units", units}};
}

Json json_of(const diagnose::Signal& signal) {
  Json layers = Json::array();
  for (const diagnose::LayerSignal& l : signal.layers)
    layers.push_back({{"label", l.label},
                      {"weight_rms", number_or_null(l.weight_rms)},
                      {"usual_rms", number_or_null(l.usual_rms)},
                      {"input_rms", number_or_null(l.input_rms)},
                      {"output_rms", number_or_null(l.output_rms)},
                      {"output_spread", number_or_null(l.output_spread)},
                      {"bias_mean", number_or_null(l.bias_mean)},
                      {"gradient_rms", number_or_null(l.gradient_rms)},
                      {"weight_gradient_norm", number_or_null(l.weight_gradient_norm)}});
  return {{"samples", signal.samples},
          {"loss", number_or_null(signal.loss)},
          {"result_rms", number_or_null(signal.result_rms)},
          {"layers", layers}};
}

Json json_of(const diagnose::Look& look) {
  Json layers = Json::array();
  for (const LayerFigures& layer : look.layers) layers.push_back(json_of(layer));
  return {{"inputs", look.inputs}, {"layers", layers}, {"signal", json_of(look.signal)}};
}

Json json_of(const diagnose::RateTest& test) {
  Json trials = Json::array();
  for (const diagnose::RateTrial& trial : test.trials)
    trials.push_back({{"rate", trial.rate}, {"loss", number_or_null(trial.loss)}});
  return {{"asked", test.asked},
          {"steps", test.steps},
          {"loss_before", number_or_null(test.loss_before)},
          {"trials", trials}};
}

}  // namespace

std::string diagnosis_text(const Facts& facts, std::span<const Finding> findings,
                           std::size_t width) {
  std::string text;
  for (const Finding& finding : findings) text += text_of_finding(finding, width);
  const diagnose::Look* look = facts.latest();
  if (look && !look->layers.empty()) {
    if (!text.empty()) text += "\n";
    text += layer_table(look->layers);
  }
  return text + "\n" + summary_of(findings) + "\n";
}

Json diagnosis_json(const Facts& facts, std::span<const Finding> findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back(json_of(finding));
  Json json = {{"schema", 1}, {"rectify", version}, {"data", facts.data}, {"findings", list}};
  if (facts.network) json["model"] = graph::model_text(*facts.network);
  if (facts.rates.made()) json["rate_test"] = json_of(facts.rates);
  if (facts.small_fit.samples > 0)
    json["small_fit"] = {{"samples", facts.small_fit.samples},
                         {"steps", facts.small_fit.steps},
                         {"loss_before", number_or_null(facts.small_fit.loss_before)},
                         {"loss_after", number_or_null(facts.small_fit.loss_after)}};
  if (facts.start) json["start"] = json_of(*facts.start);
  if (facts.end) json["end"] = json_of(*facts.end);
  if (facts.outcome)
    json["outcome"] = {{"error", number_or_null(facts.outcome->error)},
                       {"train_error", number_or_null(facts.outcome->train_error)},
                       {"baseline_error", number_or_null(facts.outcome->baseline_error)},
                       {"steps", facts.outcome->steps}};
  return json;
}

std::string rules_page() {
  std::string text =
      "| cause | what is measured | threshold | why there | source | explains |\n"
      "|---|---|---|---|---|---|\n";
  for (const diagnose::Rule& rule : diagnose::rules())
    text +=
        concat("| `", rule.cause, "`: ", rule.title, " | ", rule.measured, " | ",
               std::isnan(rule.threshold) ? "" : number_text(rule.threshold), " | ", rule.reason,
               " | ", rule.source, " | ", list_of(split(rule.explains, ' ')), " |\n");
  return text;
}

}  // namespace rectify::report
