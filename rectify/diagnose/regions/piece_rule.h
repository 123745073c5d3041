#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "rectify/activation/pieces_of_row.h"
#include "rectify/data/hash.h"
#include "rectify/diagnose/regions/cell.h"
#include "rectify/graph/graph.h"

namespace rectify::diagnose {

using activation::PiecewiseLinear;

/// The value of a node on one cell, as affine functions of the place: `terms` rows of `width`
/// numbers. Row 0 is the value at the origin; row i is the slope along direction i. A value that is
/// the same for every sample, such as a weight, has row 0 alone.
struct AffineRows {
  std::span<const double> numbers;
  std::size_t width = 0;

  std::size_t terms() const { return width == 0 ? 0 : numbers.size() / width; }
  std::span<const double> row(std::size_t term) const {
    return numbers.subspan(term * width, width);
  }
  /// Element `i` as a function of the place on a segment or a plane.
  LinearForm form(std::size_t i) const {
    return {numbers[i], terms() > 1 ? numbers[width + i] : 0,
            terms() > 2 ? numbers[2 * width + i] : 0};
  }
};

/// One node on one cell.
struct PieceContext {
  const graph::Graph& graph;
  const graph::Node& node;
  const Cell& cell;
  std::vector<AffineRows> in;  ///< of the node's inputs
  /// Of an activation: its functions, channel i modulo their number has function i.
  std::span<const PiecewiseLinear> functions;

  const Shape& shape(std::size_t i) const { return graph.input(node, i).type.shape; }
};

/// The rows of a node's value, to be filled; all 0 at the beginning.
struct OutputRows {
  std::span<double> numbers;
  std::size_t width = 0;

  std::size_t terms() const { return width == 0 ? 0 : numbers.size() / width; }
  std::span<double> row(std::size_t term) const { return numbers.subspan(term * width, width); }
};

/// How one operator passes affine functions on. It is `linear`, or it consists of linear pieces:
/// then `split` cuts a cell into parts on each of which one piece holds everywhere, and `choose`
/// computes that piece on a part, and adds its choices to the hash of the pattern.
struct PieceRule {
  std::string_view op;
  void (*linear)(const PieceContext& context, OutputRows out) = nullptr;
  std::vector<Cell> (*split)(const PieceContext& context, std::size_t limit) = nullptr;
  void (*choose)(const PieceContext& context, OutputRows out, data::Hash& pattern) = nullptr;
};

/// All rules: those of every file in diagnose/regions/ops/ (the build collects them).
std::span<const PieceRule* const> piece_rules();

}  // namespace rectify::diagnose
