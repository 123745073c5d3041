#include "rectify/diagnose/regions/cell.h"

#include <algorithm>
#include <cmath>

namespace rectify::diagnose {

double LinearForm::length() const { return std::hypot(x, y); }

Place Cell::middle() const {
  Place sum;
  for (const Place& corner : corners) {
    sum.x += corner.x;
    sum.y += corner.y;
  }
  const auto n = static_cast<double>(corners.size());
  return {sum.x / n, sum.y / n};
}

double Cell::area() const {
  double twice = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Place &a = corners[i], &b = corners[(i + 1) % corners.size()];
    twice += a.x * b.y - b.x * a.y;
  }
  return std::abs(twice) / 2;
}

namespace {

/// How far the corners are from the line, on both sides.
struct CellReach {
  double negative = 0, positive = 0;
};

CellReach cell_reach(const Cell& cell, const LinearForm& form) {
  const double length = form.length();
  CellReach reach;
  if (length == 0) return reach;
  for (const Place& corner : cell.corners) {
    const double distance = form.at(corner) / length;
    reach.negative = std::max(reach.negative, -distance);
    reach.positive = std::max(reach.positive, distance);
  }
  return reach;
}

/// Where the form is 0 between two places with values of different signs.
Place zero_between(Place a, double at_a, Place b, double at_b) {
  const double share = at_a / (at_a - at_b);
  return {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
}

std::vector<Cell> cut_segment(const Cell& cell, std::span<const LinearForm> forms) {
  const double low = cell.corners[0].x, high = cell.corners[1].x;
  std::vector<double> zeros;
  for (const LinearForm& form : forms)
    if (crosses(cell, form)) zeros.push_back(-form.constant / form.x);
  std::ranges::sort(zeros);
  std::vector<Cell> parts;
  double begin = low;
  for (const double zero : zeros) {
    if (zero - begin <= nearest_borders || high - zero <= nearest_borders) continue;
    parts.push_back({{{begin, 0}, {zero, 0}}});
    begin = zero;
  }
  parts.push_back({{{begin, 0}, {high, 0}}});
  return parts;
}

}  // namespace

bool crosses(const Cell& cell, const LinearForm& form) {
  const CellReach reach = cell_reach(cell, form);
  return reach.negative > nearest_borders && reach.positive > nearest_borders;
}

Halves halves(const Cell& cell, const LinearForm& form) {
  if (!crosses(cell, form)) return form.at(cell.middle()) < 0 ? Halves{cell, {}} : Halves{{}, cell};
  Halves parts;
  const std::size_t n = cell.corners.size(), edges = n == 2 ? 1 : n;
  const double thin = nearest_borders * form.length();
  for (std::size_t i = 0; i < n; ++i) {
    const Place corner = cell.corners[i];
    const double value = form.at(corner);
    if (value <= thin) parts.negative.corners.push_back(corner);
    if (value >= -thin) parts.positive.corners.push_back(corner);
    if (i >= edges) continue;
    const Place next = cell.corners[(i + 1) % n];
    const double then = form.at(next);
    if (std::abs(value) <= thin || std::abs(then) <= thin || (value < 0) == (then < 0)) continue;
    const Place zero = zero_between(corner, value, next, then);
    parts.negative.corners.push_back(zero);
    parts.positive.corners.push_back(zero);
  }
  return parts;
}

std::vector<Cell> cut(const Cell& cell, std::span<const LinearForm> forms, std::size_t limit) {
  if (cell.corners.size() < 2) return {cell};
  if (cell.corners.size() == 2) return cut_segment(cell, forms);
  std::vector<Cell> parts = {cell};
  for (const LinearForm& form : forms) {
    if (!crosses(cell, form)) continue;
    for (std::size_t i = parts.size(); i-- > 0;) {
      if (!crosses(parts[i], form)) continue;
      Halves two = halves(parts[i], form);
      parts[i] = std::move(two.negative);
      parts.push_back(std::move(two.positive));
    }
    if (parts.size() > limit) break;
  }
  return parts;
}

std::size_t largest_at(Place place, std::span<const LinearForm> forms) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < forms.size(); ++i)
    if (forms[i].at(place) > forms[best].at(place)) best = i;
  return best;
}

std::vector<Cell> largest_parts(const Cell& cell, std::span<const LinearForm> forms) {
  std::vector<Cell> parts(forms.size());
  for (std::size_t i = 0; i < forms.size(); ++i) {
    Cell part = cell;
    for (std::size_t j = 0; j < forms.size() && !part.corners.empty(); ++j) {
      if (j == i) continue;
      const LinearForm more = forms[i] - forms[j];
      if (crosses(part, more)) {
        part = halves(part, more).positive;
      } else {
        const double value = more.at(part.middle());
        if (value < 0 || (value == 0 && j < i)) part.corners.clear();
      }
    }
    parts[i] = std::move(part);
  }
  return parts;
}

}  // namespace rectify::diagnose
