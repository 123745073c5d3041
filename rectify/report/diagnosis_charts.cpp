// The charts of a diagnosis' page: short trainings at several rates, and signals by depth.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "rectify/base/text.h"
#include "rectify/report/diagnosis_parts.h"
#include "rectify/report/format.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

using diagnose::Facts;
using diagnose::Finding;
using diagnose::LayerSignal;
using diagnose::Look;
using diagnose::RateTest;
using diagnose::RateTrial;

namespace {

/// The rate that a finding suggests; NaN where none does.
double suggested_rate(std::span<const Finding> findings) {
  for (const Finding& finding : findings)
    for (const diagnose::Change& change : finding.changes)
      if (const auto rate = parse_number(change.value); change.flag == "--lr" && rate) return *rate;
  return std::nan("");
}

/// The losses that the chart shows. One above three times the loss at the start would press all
/// others flat: it stands at the top, as one that is not finite does.
struct LossAxis {
  double low = 0, high = 1;
  bool logarithmic = false;

  bool shows(double loss) const { return loss <= high; }
};

LossAxis loss_axis(const RateTest& test) {
  LossAxis axis{.low = test.loss_before, .high = test.loss_before};
  for (const RateTrial& trial : test.trials) {
    axis.low = std::min(axis.low, trial.loss);
    if (trial.loss <= 3 * test.loss_before) axis.high = std::max(axis.high, trial.loss);
  }
  axis.logarithmic = axis.low > 0 && axis.high > 5 * axis.low;
  axis.low = axis.logarithmic ? axis.low / 1.3 : 0;
  axis.high = axis.logarithmic ? axis.high * 1.3 : axis.high * 1.1;
  return axis;
}

Json rate_data(const RateTest& test, std::span<const Finding> findings) {
  const LossAxis axis = loss_axis(test);
  Json points = Json::array();
  for (const RateTrial& trial : test.trials)
    points.push_back({{"rate", rounded(trial.rate)},
                      {"loss", rounded(trial.loss)},
                      {"over", !axis.shows(trial.loss)}});
  return {{"asked", rounded(test.asked)},
          {"suggested", rounded(suggested_rate(findings))},
          {"before", rounded(test.loss_before)},
          {"low", rounded(axis.low)},
          {"high", rounded(axis.high)},
          {"logarithmic", axis.logarithmic},
          {"points", points}};
}

/// One figure of all layers at the moments that were looked at; what is not above 0 has no place on
/// a logarithmic axis.
Json depth_data(const Facts& facts, double LayerSignal::*figure) {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  const auto of = [&](const std::optional<Look>& look) {
    Json values = Json::array();
    for (const LayerSignal& layer : look ? look->signal.layers : std::vector<LayerSignal>()) {
      const double value = layer.*figure;
      const bool drawn = std::isfinite(value) && value > 0;
      if (drawn) low = std::min(low, value), high = std::max(high, value);
      values.push_back(drawn ? rounded(value) : Json());
    }
    return values;
  };
  Json data = {{"start", of(facts.start)}, {"end", of(facts.end)}};
  const bool any = high > 0;
  data["low"] = any ? rounded(low / 1.5) : Json();
  data["high"] = any ? rounded(high * 1.5) : Json();
  return data;
}

/// The layers of the moment that has them; both moments have the same.
std::span<const LayerSignal> signal_layers(const Facts& facts) {
  if (facts.end && !facts.end->signal.layers.empty()) return facts.end->signal.layers;
  if (facts.start) return facts.start->signal.layers;
  return {};
}

std::string number_cell(double value) {
  return "<td>" + (std::isfinite(value) ? column_text(value) : "not finite") + "</td>";
}

/// "asked for", "lowest loss": what is to be said of one rate.
std::string words_on(const RateTest& test, const RateTrial& trial) {
  std::string words;
  const auto say = [&](std::string_view what) {
    words += (words.empty() ? "" : ", ") + std::string(what);
  };
  if (&trial == &test.at_asked()) say("asked for");
  if (&trial == &test.best() && brings_loss_down(test)) say("best");
  if (!std::isfinite(trial.loss))
    say("broke");
  else if (trial.loss > 1.05 * test.loss_before)
    say("worse than no step");
  return words;
}

std::string rate_table(const RateTest& test) {
  std::string out =
      "    <div class=\"scroll\"><table class=\"results\"><thead><tr><th scope=\"col\">Rate</th>"
      "<th scope=\"col\">Loss</th><th scope=\"col\" class=\"words\">&nbsp;</th></tr></thead>\n"
      "<tbody>\n";
  for (const RateTrial& trial : test.trials)
    out += "<tr" + std::string(&trial == &test.at_asked() ? " class=\"winner\"" : "") +
           "><th scope=\"row\">" + significant_text(trial.rate, 3) + "</th>" +
           number_cell(trial.loss) + "<td class=\"words\">" + words_on(test, trial) +
           "</td></tr>\n";
  return out + "</tbody></table></div>\n";
}

/// What the test came to, in a sentence.
std::string rate_answer(const RateTest& test, double suggested) {
  const RateTrial& best = test.best();
  const std::string before = "before any step it is " + significant_text(test.loss_before, 3);
  if (!brings_loss_down(test))
    return "No rate brings the loss down: at best it is " + significant_text(best.loss, 3) + "; " +
           before + ". What is wrong is elsewhere.";
  return "Rate " + significant_text(best.rate, 3) + " comes to a loss of " +
         significant_text(best.loss, 3) + "; " + before + "." +
         (std::isfinite(suggested) && suggested != best.rate
              ? " Suggested: " + significant_text(suggested, 3) + "."
              : "");
}

std::string depth_row(const Facts& facts, std::size_t i, std::span<const LayerSignal> layers) {
  std::string row = "<tr><th scope=\"row\">" + escape_html(layers[i].label) + "</th>";
  for (const auto figure : {&LayerSignal::output_rms, &LayerSignal::gradient_rms})
    for (const std::optional<Look>* look : {&facts.start, &facts.end})
      if (*look && i < (*look)->signal.layers.size())
        row += number_cell((*look)->signal.layers[i].*figure);
  return row + "</tr>\n";
}

std::string depth_table(const Facts& facts) {
  const bool start = facts.start && !facts.start->signal.layers.empty();
  const bool end = facts.end && !facts.end->signal.layers.empty();
  std::string head;
  for (const std::string what : {"Size", "Gradient"}) {
    if (start) head += "<th scope=\"col\">" + what + " at the start</th>";
    if (end) head += "<th scope=\"col\">" + what + (start ? " at the end" : "") + "</th>";
  }
  std::string out =
      "  <details class=\"meaning\"><summary>The figures</summary>\n"
      "  <div class=\"scroll\"><table class=\"results\"><thead><tr><th scope=\"col\">Layer</th>" +
      head + "</tr></thead>\n<tbody>\n";
  const auto layers = signal_layers(facts);
  for (std::size_t i = 0; i < layers.size(); ++i) out += depth_row(facts, i, layers);
  return out + "</tbody></table></div></details>\n";
}

constexpr std::string_view signal_frame = R"(
<section id="signal" aria-labelledby="signal-title">
  <h2 id="signal-title">Signals by depth</h2>
  <div class="layers" id="signal-key"></div>
  <div class="pair">
    <figure class="plot"><h3>Size of what leaves each layer</h3>
      <div class="canvas"><canvas id="output"></canvas></div>
      <figcaption>Root mean square before the activation, on a logarithmic axis. Healthy: the line
      stays within a factor of about ten. A line that falls or climbs from layer to layer: weights
      that start too small or too large for the activation.</figcaption></figure>
    <figure class="plot"><h3>Gradient at each layer</h3>
      <div class="canvas"><canvas id="gradient"></canvas></div>
      <figcaption>Root mean square, on a logarithmic axis. Gradients go from right to left. A line
      that falls towards the left: they vanish, and the first layers hardly learn. One that climbs
      towards the left: they explode.</figcaption></figure>
  </div>
)";

}  // namespace

bool brings_loss_down(const RateTest& test) { return test.best().loss <= 0.95 * test.loss_before; }

std::string rates_section(const Facts& facts, std::span<const Finding> findings) {
  const RateTest& test = facts.rates;
  if (!test.made()) return "";
  return "\n<section id=\"rates\" aria-labelledby=\"rates-title\">\n"
         "  <h2 id=\"rates-title\">Learning rates</h2>\n  <p class=\"reading\">" +
         rate_answer(test, suggested_rate(findings)) +
         "</p>\n  <div class=\"layers\" id=\"rates-key\"></div>\n  <div class=\"pair\">\n"
         "    <figure class=\"plot\"><h3>Loss after " +
         std::to_string(test.steps) +
         " steps</h3>\n      <div class=\"canvas\"><canvas id=\"rate-test\"></canvas></div>\n"
         "      <figcaption>Each point is a short training of its own, from the same initial "
         "weights. Lower is better. Where the line turns up, steps are too long; where it is flat "
         "at the left, too short. A cross at the top: the loss rose out of the chart or was not "
         "finite. A guide only: over many epochs a somewhat higher or lower rate may do better."
         "</figcaption></figure>\n" +
         rate_table(test) + "  </div>\n</section>\n";
}

std::string signal_section(const Facts& facts) {
  if (signal_layers(facts).size() < 2) return "";
  return std::string(signal_frame) + depth_table(facts) + "</section>\n";
}

Json diagnosis_chart_data(const Facts& facts, std::span<const Finding> findings) {
  Json data = Json::object();
  if (facts.rates.made()) data["rates"] = rate_data(facts.rates, findings);
  const auto layers = signal_layers(facts);
  if (layers.size() < 2) return data;
  Json labels = Json::array();
  for (const LayerSignal& layer : layers) labels.push_back(layer.label);
  data["signal"] = {{"labels", labels},
                    {"output", depth_data(facts, &LayerSignal::output_rms)},
                    {"gradient", depth_data(facts, &LayerSignal::gradient_rms)}};
  return data;
}

}  // namespace rectify::report
