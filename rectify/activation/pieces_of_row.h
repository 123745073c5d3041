#pragma once

#include <optional>
#include <vector>

#include "rectify/activation/activation.h"

namespace rectify::activation {

/// A function of one number that consists of lines. Between kinks[i - 1] and kinks[i] it is
/// lines[i].slope x + lines[i].offset.
///
///     const auto relu = pieces_of_row(activation::find("relu"), {});
///     relu->kinks;           // {0}
///     relu->lines[1].slope;  // 1
struct PiecewiseLinear {
  struct Line {
    double slope, offset;
  };
  std::vector<double> kinks;  ///< ascending
  std::vector<Line> lines;    ///< one more than kinks

  /// The number of the line for x. A kink itself belongs to the line on its left.
  std::size_t line_at(double x) const;
};

/// The lines of a row of the family with these numbers, to the last bit or two. Nothing for a row
/// that does not consist of lines, such as sigmoid, and for one with more than eight kinks. Kinks
/// nearer than 1/16 to each other are not told apart.
std::optional<PiecewiseLinear> pieces_of_row(const activation::Row& row,
                                             const activation::Parameters& p);

}  // namespace rectify::activation
