#include "rectify/activation/pieces_of_row.h"

#include <algorithm>
#include <cmath>

namespace rectify::activation {

namespace {

constexpr std::size_t most_kinks = 8;

/// Places at which a row is examined_places. They are moved off the round numbers, where kinks are.
std::vector<double> examined_places() {
  constexpr double off = 0.0123;
  std::vector<double> places = {-1e6, -1e4, -1e3};
  for (double x = -256; x < -16; x += 0.25) places.push_back(x + off);
  for (double x = -16; x < 16; x += 1.0 / 16) places.push_back(x + off);
  for (double x = 16; x < 256; x += 0.25) places.push_back(x + off);
  places.insert(places.end(), {1e3, 1e4, 1e6});
  return places;
}

/// The last number of type double before the slope changes, where it is another at `high`.
double last_before_change(const Row& row, const Parameters& p, double low, double high) {
  const double slope = row.slope(low, p);
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return low;
    (row.slope(middle, p) == slope ? low : high) = middle;
  }
}

PiecewiseLinear::Line line_through(const Row& row, const Parameters& p, double x) {
  const double slope = row.slope(x, p);
  return {slope, row.value(x, p) - slope * x};
}

/// Two lines that meet near `near` meet at the kink; where the value jumps, it is `near` itself.
double meeting_point(const PiecewiseLinear::Line& left, const PiecewiseLinear::Line& right,
                     double near) {
  const double meet = (left.offset - right.offset) / (right.slope - left.slope);
  return std::abs(meet - near) <= 1e-9 * std::max(1.0, std::abs(near)) ? meet : near;
}

bool is_on(const PiecewiseLinear::Line& line, const Row& row, const Parameters& p, double x) {
  const double value = row.value(x, p);
  return std::abs(row.slope(x, p) - line.slope) <= 1e-14 &&
         std::abs(value - (line.slope * x + line.offset)) <= 1e-12 * std::max(1.0, std::abs(x));
}

}  // namespace

std::size_t PiecewiseLinear::line_at(double x) const {
  std::size_t line = 0;
  while (line < kinks.size() && x > kinks[line]) ++line;
  return line;
}

std::optional<PiecewiseLinear> pieces_of_row(const Row& row, const Parameters& p) {
  static const std::vector<double> places = examined_places();
  PiecewiseLinear all;
  all.lines.push_back(line_through(row, p, places[2]));
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    if (row.slope(places[i], p) == row.slope(places[i + 1], p)) continue;
    if (all.kinks.size() == most_kinks) return std::nullopt;
    const double change = last_before_change(row, p, places[i], places[i + 1]);
    const PiecewiseLinear::Line next = line_through(row, p, places[i + 1]);
    all.kinks.push_back(meeting_point(all.lines.back(), next, change));
    all.lines.push_back(next);
  }
  for (const double x : places)
    if (!is_on(all.lines[all.line_at(x)], row, p, x)) return std::nullopt;
  return all;
}

}  // namespace rectify::activation
