// The tables of a diagnosis' page: layers with a histogram each, classes, what was looked at.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/report/diagnosis_parts.h"
#include "rectify/report/format.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

using diagnose::Facts;
using diagnose::Finding;
using diagnose::LayerFigures;
using diagnose::Look;
using diagnose::UnitFigures;
using diagnose::Verdict;

namespace {

double activity(const UnitFigures& unit) { return 1 - unit.flat; }

/// The histogram as a drawing: what never is active in another colour, and apart.
std::string histogram_svg(const LayerFigures& layer) {
  const ActivityCounts counts = activity_counts(layer);
  const double most = static_cast<double>(std::max<std::int64_t>(1, std::ranges::max(counts)));
  constexpr int step = 12, height = 30, gap = 4;
  std::string bars;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double size = std::max(1.5, height * static_cast<double>(counts[i]) / most);
    const int x =
        static_cast<int>(i) * step + (i > 0 ? gap : 0) + (i + 1 == counts.size() ? gap : 0);
    bars +=
        concat("<rect x=\"", x, "\" y=\"", fixed_text(height - size, 1), "\" width=\"", step - 2,
               "\" height=\"", fixed_text(size, 1), "\"", i == 0 ? " class=\"never\"" : "", "/>");
  }
  return concat("<svg class=\"activity\" viewBox=\"0 0 152 33\" role=\"img\" aria-label=\"",
                plural(static_cast<std::size_t>(counts.front()), "unit"), " of ",
                layer.units.size(), " never active, ", counts.back(),
                " always\"><path d=\"M0 31.5H10M16 31.5H134M140 31.5H150\"/>", bars, "</svg>");
}

/// One column of the table of layers.
struct LayerColumn {
  const char* title;
  Verdict verdict;
  const char* meaning;
};
constexpr LayerColumn verdict_columns[] = {
    {"Dead", Verdict::dead,
     "The derivative was 0 on every input, or the unit gives the same whatever comes: it no longer "
     "learns."},
    {"Nearly dead", Verdict::nearly_dead, "Active on fewer than one input in a thousand."},
    {"Saturated", Verdict::saturated, "Flat on at least 95 % of the inputs."},
    {"Twins", Verdict::duplicate, "Units that give the same as an earlier unit of their layer."},
    {"Always on", Verdict::always_on, "Units that are linear on these inputs."}};

/// Columns in which something stands; dead units stand in every table.
std::vector<LayerColumn> columns_of_layers(std::span<const LayerFigures> layers) {
  std::vector<LayerColumn> some;
  for (const LayerColumn& column : verdict_columns)
    if (column.verdict == Verdict::dead ||
        std::ranges::any_of(layers, [&](const auto& l) { return l.count(column.verdict) > 0; }))
      some.push_back(column);
  return some;
}

std::string units_cell(std::int64_t count, const LayerFigures& layer) {
  if (count == 0) return "<td>0</td>";
  return concat("<td>", count_text(count), " <span class=\"sd\">",
                share_text(static_cast<double>(count) / static_cast<double>(layer.units.size())),
                "</span></td>");
}

std::string layer_row(const Facts& facts, const Look& look, std::size_t i,
                      std::span<const LayerColumn> columns) {
  const LayerFigures& layer = look.layers[i];
  std::string row = "<tr><th scope=\"row\">" + escape_html(layer.label) + "</th><td>" +
                    count_text(static_cast<std::int64_t>(layer.units.size())) + "</td>";
  for (const LayerColumn& column : columns) {
    row += units_cell(layer.count(column.verdict), layer);
    if (column.verdict == Verdict::dead && facts.start && facts.end)
      row += i < facts.start->layers.size()
                 ? units_cell(facts.start->layers[i].count(Verdict::dead), facts.start->layers[i])
                 : "<td></td>";
  }
  return row + "<td>" + share_text(layer.zero_share()) + "</td><td>" +
         column_text(layer.effective_rank) + "</td><td class=\"seeds\">" + histogram_svg(layer) +
         "</td><td>" + share_text(median_activity(layer)) + "</td></tr>\n";
}

std::string meaning_of(std::span<const LayerColumn> columns) {
  std::string out =
      "  <details class=\"meaning\"><summary>What the columns mean</summary>\n  <dl>\n";
  for (const LayerColumn& column : columns)
    out += concat("    <dt>", column.title, "</dt><dd>", prose(column.meaning), "</dd>\n");
  return out +
         "    <dt>Zeros</dt><dd>Share of the layer's outputs that are exactly 0.</dd>\n"
         "    <dt>Directions</dt><dd>How many independent directions the outputs spread over. Far "
         "fewer than units: much of the layer says the same.</dd>\n"
         "    <dt>Active on</dt><dd>Units by the share of inputs on which they are active: where "
         "the derivative is at least a twentieth of the activation's largest (a ReLU: where it "
         "fires). First bar: on no input; then tenths from 0 to 100&nbsp;%; last bar: on every "
         "input.</dd>\n"
         "    <dt>Median</dt><dd>Half of the units are active on a smaller share of inputs.</dd>\n"
         "  </dl></details>\n";
}

std::string look_words(const Facts& facts, const Look& look) {
  const std::string when = facts.end ? facts.start ? "at the end" : "as it is" : "at the start";
  return "The network " + when + ", on " + plural(look.inputs, "input") +
         ". A unit that was active on none of them is active on at most " +
         significant_text(100 * diagnose::firing_bound(look.inputs), 2) +
         "&nbsp;% of all inputs like these, with 95&nbsp;% confidence.";
}

/// Classes by size: all, or the largest and the smallest.
std::vector<std::size_t> shown_classes(const std::vector<std::int64_t>& counts) {
  constexpr std::size_t most = 20;
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>{}, [&](std::size_t c) { return counts[c]; });
  if (order.size() > most) order.erase(order.begin() + most / 2, order.end() - most / 2);
  return order;
}

}  // namespace

ActivityCounts activity_counts(const LayerFigures& layer) {
  constexpr double rounding = 1e-9;  // shares are sums over the positions of a channel
  ActivityCounts counts{};
  for (const UnitFigures& unit : layer.units) {
    const double share = activity(unit);
    const auto tenth = static_cast<std::size_t>(std::clamp(share * 10, 0.0, 9.0));
    ++counts[share <= rounding ? 0 : share >= 1 - rounding ? counts.size() - 1 : tenth + 1];
  }
  return counts;
}

double median_activity(const LayerFigures& layer) {
  if (layer.units.empty()) return std::nan("");
  std::vector<double> shares;
  for (const UnitFigures& unit : layer.units) shares.push_back(activity(unit));
  const auto middle = shares.begin() + static_cast<std::ptrdiff_t>(shares.size() / 2);
  std::ranges::nth_element(shares, middle);
  return *middle;
}

std::string layers_section(const Facts& facts) {
  const Look* look = facts.latest();
  if (!look || look->layers.empty()) return "";
  const auto columns = columns_of_layers(look->layers);
  std::string head = "<th scope=\"col\">Layer</th><th scope=\"col\">Units</th>";
  for (const LayerColumn& column : columns) {
    head += concat("<th scope=\"col\">", column.title, "</th>");
    if (column.verdict == Verdict::dead && facts.start && facts.end)
      head += "<th scope=\"col\">Dead at the start</th>";
  }
  std::string rows;
  for (std::size_t i = 0; i < look->layers.size(); ++i) rows += layer_row(facts, *look, i, columns);
  return "\n<section id=\"layers\" aria-labelledby=\"layers-title\">\n"
         "  <h2 id=\"layers-title\">Layers</h2>\n  <p class=\"reading\">" +
         look_words(facts, *look) +
         "</p>\n  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Layers\">\n"
         "  <table class=\"results\"><thead><tr>" +
         head +
         "<th scope=\"col\">Zeros</th><th scope=\"col\">Directions</th><th scope=\"col\" "
         "class=\"seeds\">Active on<br>0 to 100&nbsp;% of inputs</th><th "
         "scope=\"col\">Median</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n" + meaning_of(columns) + "</section>\n";
}

std::string classes_section(const Facts& facts, std::span<const Finding> findings) {
  const auto& counts = facts.inputs.class_counts;
  const bool asked = std::ranges::any_of(findings, [](const Finding& f) {
    return f.cause == "uneven_classes" || f.cause == "one_class_labels";
  });
  if (!asked || counts.empty()) return "";
  const auto most = static_cast<double>(std::max<std::int64_t>(1, std::ranges::max(counts)));
  std::string rows;
  const std::vector<std::size_t> shown = shown_classes(counts);
  for (const std::size_t c : shown) {
    const auto& names = facts.inputs.class_names;
    rows += concat("<tr><th scope=\"row\">",
                   escape_html(c < names.size() ? names[c] : std::to_string(c)), "</th><td>",
                   count_text(counts[c]),
                   "</td><td class=\"seeds\"><svg class=\"share\" viewBox=\"0 0 300 12\" "
                   "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"",
                   fixed_text(300 * static_cast<double>(counts[c]) / most, 1),
                   "\" height=\"12\"/></svg></td></tr>\n");
  }
  const bool cut = shown.size() < counts.size();
  return "\n<section id=\"classes\" aria-labelledby=\"classes-title\">\n"
         "  <h2 id=\"classes-title\">Classes</h2>\n  <p class=\"reading\">Training samples of "
         "each class" +
         (cut ? ": of " + std::to_string(counts.size()) +
                    " classes the ten commonest and the ten rarest"
              : std::string()) +
         ".</p>\n  <div class=\"scroll\"><table class=\"results narrow\"><thead><tr><th "
         "scope=\"col\">Class</th><th scope=\"col\">Samples</th><th scope=\"col\">&nbsp;</th></tr>"
         "</thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n</section>\n";
}

std::string looked_at_html(const Facts& facts, const std::string& subject) {
  Pairs pairs;
  if (!subject.empty()) pairs.emplace_back("Network", subject);
  pairs.emplace_back("Data", facts.data);
  pairs.emplace_back("Training samples",
                     count_text(static_cast<std::int64_t>(facts.inputs.training_samples)));
  if (facts.network) pairs.emplace_back("Text form", graph::model_text(*facts.network));
  if (!facts.loss.empty()) pairs.emplace_back("Loss", facts.loss);
  if (facts.options_are_known)
    pairs.emplace_back("Training",
                       concat(facts.options.optimizer, ", rate ", number_text(facts.options.lr),
                              ", batches of ", facts.options.batch, ", ", facts.options.epochs,
                              facts.options.epochs == 1 ? " epoch" : " epochs"));
  if (facts.small_fit.samples > 0)
    pairs.emplace_back("By heart",
                       concat("the loss on ", facts.small_fit.samples, " samples fell from ",
                              significant_text(facts.small_fit.loss_before, 3), " to ",
                              significant_text(facts.small_fit.loss_after, 3), " in ",
                              facts.small_fit.steps, " steps"));
  return pairs_table("What was looked at", pairs);
}

}  // namespace rectify::report
