// A row as a plot of its value and its derivative.

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/report/activation_words.h"
#include "rectify/report/activations.h"

namespace rectify::report {
namespace {

using activation::Row;

constexpr std::array<double, 12> reaches = {4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256};

/// Whether the row looks like its tail at x. Its value is within a tenth of the range of the limit,
/// its slope within a twentieth of the largest slope of its limit, and x is past the start of the
/// tail.
bool settled(const Row& row, const ActivationWords& words, const activation::Tail& tail, double x) {
  const activation::Properties& has = words.properties;
  const double range = has.high - has.low;
  if (std::isfinite(tail.value) && std::isfinite(range) &&
      std::abs(row.value(x, words.p) - tail.value) > range / 10)
    return false;
  if (std::isfinite(tail.slope) &&
      std::abs(row.slope(x, words.p) - tail.slope) > has.largest_slope / 20)
    return false;
  return !(std::isfinite(tail.from) && std::abs(x) < std::abs(tail.from) + 1 && x * tail.from > 0);
}

/// The point on the side of `sign` up to which the slope has gone up and down so often that a
/// reader can guess the rest (a sine never settles). Far away for a row that does not repeat.
/// Swings below a hundredth of the largest slope do not count.
double repetition(const Row& row, const ActivationWords& words, double sign) {
  constexpr int turns_shown = 6;
  const double swing = words.properties.largest_slope / 100;
  double extreme = row.slope(0, words.p);
  int turns = 0, direction = 0;
  for (double x = 0; x < reaches.back(); x += 1.0 / 16) {
    const double change = row.slope(sign * x, words.p) - extreme;
    const int now = change > 0 ? 1 : -1;
    if (now == direction || std::abs(change) > swing) {
      extreme += change;
      turns += now != direction;
      direction = now;
    }
    if (turns > turns_shown) return x;
  }
  return reaches.back();
}

/// The least distance from 0, on the side of `sign`, beyond which the row is settled or has shown
/// its repetitions; the least of all distances where it does neither.
double reach(const Row& row, const ActivationWords& words, double sign) {
  const activation::Tail& tail = sign < 0 ? words.left : words.right;
  std::size_t first = reaches.size();
  while (first > 0 && settled(row, words, tail, sign * reaches[first - 1])) --first;
  const double settles = first < reaches.size() ? reaches[first] : reaches[0];
  const double repeats = repetition(row, words, sign);
  return repeats < settles ? *std::ranges::lower_bound(reaches, repeats) : settles;
}

}  // namespace

Plot activation_plot(const Row& row) {
  const ActivationWords words(row);
  double left = reach(row, words, -1), right = reach(row, words, 1);
  // Zero must not be at the edge of the picture.
  left = std::max(left, right / 8);
  right = std::max(right, left / 8);
  Plot plot = {std::string(row.name), "f(x) = " + std::string(row.formula), "x", {}, {}, {}};
  plot.x = {-left, right};
  plot.curves.push_back(sample(
      "value", [&](double x) { return row.value(x, words.p); }, plot.x));
  plot.curves.push_back(sample(
      "derivative", [&](double x) { return row.slope(x, words.p); }, plot.x));
  plot.y = range_of(plot.curves, std::max(left, right));
  return plot;
}

std::vector<Plot> family_plots() {
  std::vector<Plot> plots;
  for (const Row& row : activation::family()) plots.push_back(activation_plot(row));
  return plots;
}

}  // namespace rectify::report
