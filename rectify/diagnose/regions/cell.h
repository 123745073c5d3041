#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rectify::diagnose {

/// A place on a segment (x, from 0 to 1, y = 0) or on a plane (x and y).
struct Place {
  double x = 0, y = 0;
};

/// constant + x place.x + y place.y
struct LinearForm {
  double constant = 0, x = 0, y = 0;

  double at(Place place) const { return constant + x * place.x + y * place.y; }
  double length() const;  ///< of the gradient (x, y)
  LinearForm operator-(const LinearForm& other) const {
    return {constant - other.constant, x - other.x, y - other.y};
  }
};

/// A convex set of places: one corner is a single place, two are the ends of a stretch of a
/// segment, three or more are a polygon, in order around it.
struct Cell {
  std::vector<Place> corners;

  Place middle() const;  ///< the mean of the corners
  double area() const;   ///< 0 for a place or a stretch
};

/// Borders that lie nearer to each other than this count as one. Rounding errors of double
/// precision are some thousand times smaller.
inline constexpr double nearest_borders = 0x1p-40;

/// The parts of `cell` where the form is negative and where it is positive. A part that is thinner
/// than nearest_borders has no corners.
struct Halves {
  Cell negative, positive;
};
Halves halves(const Cell& cell, const LinearForm& form);

/// Whether both halves have corners.
bool crosses(const Cell& cell, const LinearForm& form);

/// Cuts `cell` along the line on which each form is 0. Parts of a segment are in their order. More
/// than `limit` parts are not looked for: the result then has limit + 1 or more of them.
std::vector<Cell> cut(const Cell& cell, std::span<const LinearForm> forms, std::size_t limit);

/// For each form the part of `cell` where it is the largest, in the order of `forms`; no corners
/// where it never is. Of equal forms the first is the largest.
std::vector<Cell> largest_parts(const Cell& cell, std::span<const LinearForm> forms);

/// The number of the form that is largest at `place`, the first of equal ones.
std::size_t largest_at(Place place, std::span<const LinearForm> forms);

}  // namespace rectify::diagnose
