// Confusion matrices as tables: readable without colour, coloured to be read at a glance.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/html.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {
namespace {

using Names = std::vector<std::string>;

std::string class_name(const Names& names, std::size_t at) {
  return escape_html(at < names.size() ? names[at] : std::to_string(at));
}

/// The colour step of a cell. Right answers have even steps above 50 % of the class. Wrong answers
/// have a step for each doubling of the share, since 1 % of a class taken for another is already
/// notable.
std::string shade(std::int64_t count, std::int64_t total, bool right) {
  const double share = static_cast<double>(count) / static_cast<double>(total);
  if (right)
    return "r" + std::to_string(std::clamp(static_cast<int>((share - 0.5) * 10) + 1, 1, 5));
  const double steps = std::log2(share / 0.0025);
  return "w" + std::to_string(std::clamp(static_cast<int>(std::floor(steps)) + 1, 1, 6));
}

std::string matrix_row(const Names& names, const Matrix& counts, std::size_t truth) {
  const auto& row = counts[truth];
  const std::int64_t total = std::accumulate(row.begin(), row.end(), std::int64_t{0});
  std::string out = "<tr><th scope=\"row\">" + class_name(names, truth) + "</th>";
  for (std::size_t guess = 0; guess < row.size(); ++guess) {
    // End tags would be half of a large table; HTML does not need them.
    out += row[guess] == 0 ? "<td>"
                           : "<td class=" + shade(row[guess], total, guess == truth) + ">" +
                                 std::to_string(row[guess]);
  }
  const double errors = total > 0 ? 1 - static_cast<double>(truth < row.size() ? row[truth] : 0) /
                                            static_cast<double>(total)
                                  : std::nan("");
  return out + "<td class=error>" + escape_html(percent_text(errors, 1)) + "</tr>\n";
}

constexpr std::string_view reading = R"(
  <p class="reading">Each row is a true class, each column what the network said. The diagonal, in
  blue, is right; all else, in orange, is wrong, and the darker it is, the larger its share of the
  class. An empty cell is 0.</p>
  <p class="scale" aria-hidden="true"><span>right, share of the class:</span><i
  class="r1">≤ 60 %</i><i class="r2">60</i><i class="r3">70</i><i class="r4">80</i><i
  class="r5">≥ 90</i><span>wrong:</span><i class="w1">&lt; 0.5 %</i><i class="w2">0.5</i><i
  class="w3">1</i><i class="w4">2</i><i class="w5">4</i><i class="w6">≥ 8</i></p>)";

}  // namespace

std::string matrix_table(const Names& names, const Matrix& counts, const std::string& of,
                         const std::string& caption) {
  const std::size_t classes = counts.front().size();
  std::string out =
      "    <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion "
      "matrix of " +
      escape_html(of) + "\">\n    <table class=\"confusion" +
      std::string(classes > 16 ? " dense" : "") + "\"><caption><span>" + escape_html(of) +
      ": true class by row, predicted class by column; " + escape_html(caption) +
      "</span></caption>\n<thead><tr><th scope=\"col\">true</th>";
  for (std::size_t guess = 0; guess < classes; ++guess)
    out += "<th scope=\"col\">" + class_name(names, guess) + "</th>";
  out += "<th scope=\"col\">error, %</th></tr></thead>\n<tbody>\n";
  for (std::size_t truth = 0; truth < counts.size(); ++truth)
    out += matrix_row(names, counts, truth);
  return out + "</tbody></table></div>\n";
}

std::string matrix_digest(const Names& names, const Matrix& counts) {
  std::int64_t total = 0, wrong = 0;
  std::vector<std::tuple<std::int64_t, std::size_t, std::size_t>> confusions;
  for (std::size_t truth = 0; truth < counts.size(); ++truth)
    for (std::size_t guess = 0; guess < counts[truth].size(); ++guess) {
      total += counts[truth][guess];
      if (truth == guess || counts[truth][guess] == 0) continue;
      wrong += counts[truth][guess];
      confusions.emplace_back(-counts[truth][guess], truth, guess);
    }
  const std::size_t shown = std::min<std::size_t>(3, confusions.size());
  std::partial_sort(confusions.begin(), confusions.begin() + static_cast<std::ptrdiff_t>(shown),
                    confusions.end());
  std::string out = count_text(wrong) + " of " + count_text(total) + " wrong";
  for (std::size_t i = 0; i < shown; ++i) {
    const auto [count, truth, guess] = confusions[i];
    out += (i == 0 ? "; most often " : ", ") + class_name(names, truth) +
           (i == 0 ? " taken for " : " for ") + class_name(names, guess) + " (" +
           count_text(-count) + ")";
  }
  return out;
}

std::string_view matrix_reading() { return reading; }

std::string confusion_html(const Comparison& comparison, const std::vector<std::size_t>& order) {
  std::string out;
  for (const std::size_t at : order) {
    const ActivationResult& one = comparison.activations[at];
    if (one.confusion.empty()) continue;
    out += std::string("  <details class=\"matrix\"") + (out.empty() ? " open" : "") +
           "><summary><strong>" + escape_html(one.name) + "</strong> <span>" +
           matrix_digest(comparison.class_names, one.confusion) + "</span></summary>\n" +
           matrix_table(comparison.class_names, one.confusion, one.name,
                        "test samples, summed over seeds") +
           "  </details>\n";
  }
  if (out.empty()) return "  <p class=\"empty\">No test predictions were counted.</p>";
  return std::string(matrix_reading()) + "\n" + out;
}

}  // namespace rectify::report
