// The headline's tiles, the table of results, and the tables at the foot of the page.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/html.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {
namespace {

using Figure = std::function<double(const ActivationResult&)>;
constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();

std::string count_or_none(double value) {
  return std::isfinite(value) && std::abs(value) < 1e15 ? count_text(std::llround(value))
                                                        : std::string(no_figure);
}

/// The lowest (or, with sign -1, highest) figure of all activations; NaN when there is none.
double extreme(const Comparison& comparison, const Figure& figure, double sign = 1) {
  double best = nowhere;
  for (const ActivationResult& one : comparison.activations) {
    const double value = figure(one);
    if (std::isfinite(value) && !(sign * value >= sign * best)) best = value;
  }
  return best;
}

/// "relu", "relu and elu", or "relu, elu and 2 more": all activations that share a figure.
std::string holders(const Comparison& comparison, const std::vector<std::size_t>& order,
                    const Figure& figure, double value) {
  std::vector<std::string> names;
  for (const std::size_t at : order)
    if (figure(comparison.activations[at]) == value)
      names.push_back(escape_html(comparison.activations[at].name));
  if (names.size() == comparison.activations.size() && names.size() > 1) return "all alike";
  if (names.size() == 1) return names[0];
  if (names.size() == 2) return names[0] + " and " + names[1];
  return names[0] + ", " + names[1] + " and " + std::to_string(names.size() - 2) + " more";
}

double test_mean(const ActivationResult& one) { return one.test_error.mean; }
double pace(const ActivationResult& one) { return one.seconds_per_epoch; }
double match(const ActivationResult& one) { return one.match_epoch; }
double dead(const ActivationResult& one) { return one.dead_units; }
double dead_channels(const ActivationResult& one) { return one.dead_channels; }

/// The test errors of the seeds as points, with the mean as a bar, on an axis that all lines share:
/// whether two activations overlap can be seen without reading the numbers.
std::string strip(const Summary& error, double low, double high) {
  constexpr double width = 196, inset = 6;
  const auto x = [&](double value) {
    const double share = high > low ? (value - low) / (high - low) : 0.5;
    return fixed_text(inset + share * (width - 2 * inset), 1);
  };
  std::string out =
      "<svg class=\"strip\" viewBox=\"0 0 196 18\" aria-hidden=\"true\">"
      "<path d=\"M2 9H194\"/>";
  for (const double value : error.values)
    if (std::isfinite(value)) out += "<circle cx=\"" + x(value) + "\" cy=\"9\" r=\"3.4\"/>";
  if (std::isfinite(error.mean))
    out += "<path class=\"mean\" d=\"M" + x(error.mean) + " 1.5V16.5\"/>";
  return out + "</svg>";
}

std::string seed_values(const Summary& error, const ErrorScale& scale) {
  std::string out;
  for (const double value : error.values)
    out += (out.empty() ? "" : " · ") + escape_html(scale.text(value));
  return "<span class=\"values\">" + out + "</span>";
}

std::string epochs_text(const Summary& epochs) {
  if (!std::isfinite(epochs.mean)) return std::string(no_figure);
  std::string text = fixed_text(epochs.mean, epochs.values.size() > 1 ? 1 : 0);
  if (std::isfinite(epochs.sd) && epochs.values.size() > 1)
    text += " <span class=\"sd\">± " + fixed_text(epochs.sd, 1) + "</span>";
  return text;
}

std::string error_text(const Summary& error, const ErrorScale& scale) {
  std::string text = escape_html(scale.text(error.mean));
  if (std::isfinite(error.mean) && std::isfinite(error.sd))
    text += " <span class=\"sd\">± " + scale.difference(error.sd) + "</span>";
  return text;
}

std::string cell(const std::string& content, bool best = false) {
  return best ? "<td class=\"best\">" + content + "</td>" : "<td>" + content + "</td>";
}

std::string row(const Comparison& comparison, std::size_t at, bool first, double low, double high) {
  const ActivationResult& one = comparison.activations[at];
  const bool contest = comparison.activations.size() > 1;
  const ErrorScale scale(comparison.regression);
  const auto best = [&](const Figure& figure, double sign = 1) {
    return contest && figure(one) == extreme(comparison, figure, sign);
  };
  const auto speed = [](const ActivationResult& a) { return a.samples_per_second; };
  const bool never = std::isfinite(one.test_error.mean) && std::isnan(one.match_epoch);
  std::string out = first ? "      <tr class=\"winner\">" : "      <tr>";
  out += "<th scope=\"row\"><span class=\"swatch\" data-slot=\"" + std::to_string(at) +
         "\"></span>" + escape_html(one.name) + "</th>";
  out += cell(error_text(one.test_error, scale), best(test_mean));
  out += "<td class=\"seeds\">" + strip(one.test_error, low, high) +
         seed_values(one.test_error, scale) + "</td>";
  out += cell(epochs_text(one.best_epoch));
  out += cell(never ? "never" : significant_text(one.match_epoch, 3), best(match));
  out += cell(column_text(one.seconds_per_epoch), best(pace));
  out += cell(count_or_none(one.samples_per_second), best(speed, -1));
  if (has_pretraining(comparison)) out += cell(column_text(one.pretraining_seconds));
  out += cell(share_text(one.exact_zeros));
  out += cell(share_text(one.dead_units));
  if (has_positions(comparison)) out += cell(share_text(one.dead_channels));
  out += cell(column_text(one.gradient_ratio));
  return out + cell(significant_text(one.lr, 3)) + "</tr>\n";
}

constexpr std::string_view results_head = R"(
      <tr><th scope="col">Activation</th><th scope="col">Test {{error}}</th>
      <th scope="col" class="seeds">Each seed's test {{error}}</th><th scope="col">Best epoch</th>
      <th scope="col">Epochs to match</th><th scope="col">Seconds per epoch</th>
      <th scope="col">Samples per second</th>)";
constexpr std::string_view pretraining_head = R"(<th scope="col">Seconds of pretraining</th>)";
constexpr std::string_view results_head_rest = R"(
      <th scope="col">Exact zeros</th><th scope="col">Dead units</th>)";
constexpr std::string_view channels_head = R"(<th scope="col">Dead channels</th>)";
constexpr std::string_view results_head_end = R"(<th scope="col">Gradient ratio</th>
      <th scope="col">Learning rate</th></tr>)";

constexpr std::string_view results_notes = R"(
  <details class="meaning">
    <summary>What the columns mean</summary>
    <dl>
      <dt>Test error</dt><dd>{{meaning}} on test samples, by the
      weights of the best epoch; mean ± standard deviation over the seeds.</dd>
      <dt>Best epoch</dt><dd>The epoch with the lowest validation error; mean ± standard
      deviation.</dd>
      <dt>Epochs to match</dt><dd>Epochs to match the weakest competitor's best: the first epoch at
      which the mean validation error is as low as the lowest one of the activation that ends up
      worst among the others; “never” when it does not get there.</dd>
      <dt>Exact zeros</dt><dd>Share of all hidden outputs that are exactly 0, over the validation
      inputs.</dd>
      <dt>Dead units</dt><dd>Share of hidden units whose derivative is 0 on every validation
      input. In a layer of images or sequences, each position of each channel is a unit.</dd>
      <dt>Dead channels</dt><dd>Share of channels that have dead units alone.</dd>
      <dt>Gradient ratio</dt><dd>L2 norm of the first weight matrix's gradient over the last one's.
      Far below 1, the gradient vanishes on its way back; far above 1, it explodes.</dd>
    </dl>
  </details>)";

}  // namespace

std::string answers_html(const Comparison& comparison, const std::vector<std::size_t>& order) {
  std::string tiles;
  const auto add = [&](std::string_view question, const Figure& figure, double sign,
                       const std::function<std::string(double)>& text) {
    const double value = extreme(comparison, figure, sign);
    if (std::isfinite(value))
      tiles += tile(question, holders(comparison, order, figure, value), text(value));
  };
  const ErrorScale scale(comparison.regression);
  add("Lowest test error", test_mean, 1, [&](double) {
    const Summary& error = comparison.activations[order.front()].test_error;
    return prose(scale.text(error) + scale.unit());
  });
  add("First to match the weakest competitor's best", match, 1,
      [](double value) { return "after epoch " + significant_text(value, 3); });
  add("Fastest to train", pace, 1,
      [](double value) { return column_text(value) + " s per epoch"; });
  if (has_positions(comparison) && extreme(comparison, dead_channels, -1) == 0)
    tiles += tile("Most dead channels", "none", "every channel still learns");
  else if (has_positions(comparison))
    add("Most dead channels", dead_channels, -1, share_text);
  else if (extreme(comparison, dead, -1) == 0)
    tiles += tile("Most dead units", "none", "every unit still learns");
  else
    add("Most dead units", dead, -1, share_text);
  return tiles.empty() ? "" : "  <dl class=\"answers\">\n" + tiles + "  </dl>";
}

std::string results_html(const Comparison& comparison, const std::vector<std::size_t>& order) {
  if (order.empty()) return "  <p class=\"empty\">No activation was trained.</p>";
  const ErrorScale scale(comparison.regression);
  double low = nowhere, high = nowhere;
  for (const ActivationResult& one : comparison.activations)
    for (const double value : one.test_error.values)
      if (std::isfinite(value)) low = std::fmin(low, value), high = std::fmax(high, value);
  std::string out =
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of results\">\n"
      "  <table class=\"results\">\n    <caption><span>By mean test error, the lowest first. The "
      "best "
      "figures of a column are bold.";
  if (low < high)
    out += " Each seed is a point on a scale from " + escape_html(scale.text(low)) + " to " +
           prose(scale.with_unit(high)) + ", the same in all rows; the bar is the mean.";
  out += "</span></caption>\n    <thead>";
  out += filled(results_head, {{"error", comparison.regression ? "rmse" : "error, %"}});
  if (has_pretraining(comparison)) out += pretraining_head;
  out += results_head_rest;
  if (has_positions(comparison)) out += channels_head;
  out += results_head_end;
  out += "</thead>\n    <tbody>\n";
  for (const std::size_t at : order) out += row(comparison, at, at == order.front(), low, high);
  out += "    </tbody>\n  </table>\n  </div>";
  return out += filled(results_notes, {{"meaning", error_meaning(comparison.regression)}});
}

std::string command_html(const Comparison& comparison) {
  return command_box(comparison.command,
                     "This command runs the same comparison again; the same seeds give the same "
                     "numbers on the same instruction set.");
}

std::string setup_html(const Comparison& comparison, const std::vector<std::size_t>& order) {
  std::string out = "  <div class=\"setup\">\n" + settings_table(comparison.config) +
                    "  <div class=\"stack\">\n" + pairs_table("Data", comparison.data) +
                    pairs_table("Machine", comparison.machine) + "  </div>\n  </div>\n";
  Pairs models;
  for (const std::size_t at : order)
    if (!comparison.activations[at].model.empty())
      models.emplace_back(comparison.activations[at].name, comparison.activations[at].model);
  return out + pairs_table("Networks, in text form", models);
}

}  // namespace rectify::report
