#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rectify/verify/property.h"

namespace rectify::verify {

/// What is known about some functions on a box: function r is at least lower[r] + the sum over i of
/// |slopes[r][i]| d[i], where d[i] is the distance of x[i] from the end of the box at which
/// slopes[r][i] x[i] is least. And it may be at most bound[r].
struct LowerBounds {
  std::size_t count = 0;
  std::vector<double> slopes;  ///< count x inputs
  std::vector<double> lower, bound;

  std::span<const double> slopes_of(std::size_t r, std::size_t inputs) const {
    return std::span(slopes).subspan(r * inputs, inputs);
  }
};

/// Cuts off from `left`, a part of the box, inputs at which function r is above its bound. False
/// where nothing is left.
bool clip(const Box& box, const LowerBounds& bounds, std::size_t r, Box& left);

/// Whether no input of the box has all functions at or below their bounds.
struct Combination {
  bool is_empty = false;        ///< proven, rounding included
  std::vector<double> weights;  ///< of the functions
  std::vector<double> x;        ///< an input at which the worst of the functions' excesses is least
};

/// Weighs the functions so that the least value of their sum above the bounds is as large as it can
/// be, by the simplex method. If it is above 0, there is no such input (Farkas' lemma). Work: a
/// matrix of inputs x (2 inputs + functions) for each step.
Combination combine(const Box& box, const LowerBounds& bounds);

/// Cuts off from `left`, a part of the box, inputs at which some function is above its bound, as
/// far as a linear program for each axis and direction can. False where nothing is left.
bool tighten(const Box& box, const LowerBounds& bounds, Box& left);

}  // namespace rectify::verify
