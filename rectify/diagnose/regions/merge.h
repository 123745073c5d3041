#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose {

/// The affine function of a network on a polygon, in few numbers: two sums of its outputs with
/// fixed random factors. Polygons of the same function have the same numbers up to rounding; those
/// of different ones practically never do.
struct FunctionPrint {
  std::array<double, 6> numbers = {};
  double scale = 0;  ///< the largest coefficient of an output
};
FunctionPrint print_of(const AffineRows& outputs);

/// The number of pieces of polygons that do not overlap: neighbours, which share a stretch of
/// border and have the same function, are one piece.
std::size_t count_merged(const std::vector<Cell>& polygons,
                         const std::vector<FunctionPrint>& prints);

}  // namespace rectify::diagnose
