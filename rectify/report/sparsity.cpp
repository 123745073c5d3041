// Error against zeros against samples a second: a table for the terminal, a section of the page.
#include "rectify/report/sparsity.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/html.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {
namespace {

constexpr std::size_t layers_shown = 6;  // of which the terminal shows the zeros

/// "81 83 85": the zeros of the layers in percent, from the input side on.
std::string zeros_by_layer(const ActivationResult& one, std::size_t most) {
  std::string text;
  for (std::size_t l = 0; l < std::min(most, one.layers.size()); ++l)
    text += (l ? " " : "") + percent_text(one.layers[l].exact_zeros, 0);
  return text + (one.layers.size() > most ? " …" : "");
}

using SparsityRow = std::vector<std::string>;

SparsityRow sparsity_cells(const ActivationResult& one, bool regression) {
  const auto rate = [](double v) { return std::isfinite(v) ? rate_text(v) : std::string("-"); };
  const ErrorScale scale(regression);
  SparsityRow cells = {one.name,
                       scale.text(one.test_error),
                       percent_text(one.exact_zeros, 1),
                       zeros_by_layer(one, layers_shown),
                       column_text(one.seconds_per_epoch),
                       rate(one.answers_of_one),
                       rate(one.answers_of_batch)};
  for (std::string& cell : cells)
    if (cell == no_figure) cell = "-";
  return cells;
}

std::string sparsity_line(const SparsityRow& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string space(widths[i] - std::min(widths[i], columns_of(cells[i])), ' ');
    line += (i ? "  " : "") + (i ? space + cells[i] : cells[i] + space);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// Bytes of the first `count` code points.
std::size_t bytes_of(const std::string& text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) >> 6) != 2 && count-- == 0) break;
  return at;
}

/// At most `width` columns, of which the last `tail` are the text's own end: names differ there.
std::string cut_to(const std::string& text, std::size_t width, std::size_t tail = 0) {
  const std::size_t columns = columns_of(text);
  if (columns <= width) return text;
  const std::size_t head = width - 1 - tail;
  return text.substr(0, bytes_of(text, head)) + "…" + text.substr(bytes_of(text, columns - tail));
}

constexpr std::string_view sparsity_head =
    R"(<section id="sparsity" aria-labelledby="sparsity-title">
  <h2 id="sparsity-title">What zeros are worth</h2>
  <div class="controls" id="sparsity-controls"></div>
  <div class="pair">
    <figure class="plot">
      <h3>Error by zeros</h3>
      <div class="canvas"><canvas id="error-by-zeros"></canvas></div>
      <figcaption>{{meaning}} on test samples over the share of all hidden outputs that are exactly
      0, a point for each network; bars are one standard deviation over the seeds to each side. A
      point far to the right that is no higher than the others has its zeros for nothing.</figcaption>
    </figure>
    <figure class="plot">
      <h3>Error by speed</h3>
      <div class="canvas"><canvas id="error-by-speed"></canvas></div>
      <figcaption>The same errors over the samples that inference answers in a second, where zeros
      are left out of products as far as that is faster. The best points are low and to the
      right.</figcaption>
    </figure>
  </div>
  <div class="scroll" tabindex="0" role="region" aria-label="Table of zeros and speed">
  <table class="results">
    <caption><span>By mean test error, the lowest first. Zeros by layer are those of the first seed,
    from the input side on. Samples a second of inference: one at a time, and {{batch}} at
    once.</span></caption>
    <thead><tr><th scope="col">Network</th><th scope="col">Test {{error}}</th>
    <th scope="col">Exact zeros</th><th scope="col">By layer, %</th>
    <th scope="col">Seconds per epoch</th><th scope="col">1 at a time</th>
    <th scope="col">{{batch}} at once</th></tr></thead>
    <tbody>
)";

}  // namespace

bool has_inference(const Comparison& comparison) {
  return std::ranges::any_of(comparison.activations, [](const ActivationResult& one) {
    return std::isfinite(one.answers_of_one);
  });
}

std::string sparsity_text(const Comparison& comparison, std::size_t width) {
  if (!has_inference(comparison)) return {};
  const std::string batch = std::to_string(inference_batch);
  std::vector<SparsityRow> rows = {
      {"", "test", "zeros", "by layer", "s per", "answers", "a second"},
      {"", ErrorScale(comparison.regression).short_name(), "%", "%", "epoch", "1 at once",
       batch + " at once"}};
  for (const std::size_t at : ranking(comparison))
    rows.push_back(sparsity_cells(comparison.activations[at], comparison.regression));
  std::vector<std::size_t> widths(rows[0].size());
  for (const SparsityRow& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  std::size_t others = 2 * (widths.size() - 1);
  for (std::size_t i = 1; i < widths.size(); ++i) others += widths[i];
  constexpr std::size_t least_name = 8;
  widths[0] = std::min(widths[0], std::max(least_name, width > others ? width - others : 0));
  std::string text;
  for (SparsityRow& row : rows) {
    row[0] = cut_to(row[0], widths[0], widths[0] / 2);
    text += cut_to(sparsity_line(row, widths), width) + "\n";
  }
  return text;
}

std::string sparsity_html(const Comparison& comparison, const std::vector<std::size_t>& order) {
  if (!has_inference(comparison)) return {};
  const ErrorScale scale(comparison.regression);
  std::string out = filled(sparsity_head, {{"meaning", error_meaning(comparison.regression)},
                                           {"batch", std::to_string(inference_batch)},
                                           {"error", comparison.regression ? "rmse" : "error, %"}});
  const auto count = [](double v) {
    return std::isfinite(v) ? count_text(std::llround(v)) : std::string(no_figure);
  };
  for (const std::size_t at : order) {
    const ActivationResult& one = comparison.activations[at];
    out += "      <tr><th scope=\"row\"><span class=\"swatch\" data-slot=\"" + std::to_string(at) +
           "\"></span>" + escape_html(one.name) + "</th>";
    for (const std::string& cell :
         {escape_html(scale.text(one.test_error)), share_text(one.exact_zeros),
          zeros_by_layer(one, one.layers.size()), column_text(one.seconds_per_epoch),
          count(one.answers_of_one), count(one.answers_of_batch)})
      out += "<td>" + cell + "</td>";
    out += "</tr>\n";
  }
  return out + "    </tbody>\n  </table>\n  </div>\n</section>\n";
}

}  // namespace rectify::report
