// The three operators of activations: with fixed, learned and random numbers. Random ones have
// their mean in inference.

#include "rectify/graph/activate.h"

#include <algorithm>
#include <cmath>

#include "rectify/activation/pieces_of_row.h"
#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

using activation::PiecewiseLinear;

/// How far the lines of a row may be from its values, relative to what is added up.
constexpr double line_error = 1e-11;

std::vector<PiecewiseLinear> functions_of(const graph::Node& node, std::span<const float> learned) {
  const activation::Row& row = graph::activation_row(node);
  activation::Parameters p = graph::activation_parameters(node);
  std::vector<PiecewiseLinear> all;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, learned.size()); ++i) {
    if (!learned.empty()) p[0] = learned[i];
    auto pieces = activation::pieces_of_row(row, p);
    if (!pieces)
      fail(graph::where(node), " has the activation ", row.name,
           ", whose numbers are learned and which does not consist of lines, so it has no bounds "
           "here; use one with fixed numbers");
    for (std::size_t k = 0; k < pieces->kinks.size(); ++k) {
      const auto &left = pieces->lines[k], &right = pieces->lines[k + 1];
      const double at = pieces->kinks[k];
      const double jump = (right.slope - left.slope) * at + right.offset - left.offset;
      if (std::abs(jump) > 1e-9 * std::max(1.0, std::abs(at)))
        fail(graph::where(node), " has the activation ", row.name, ", whose value jumps at ", at,
             ", so it has no bounds here; use one that is continuous");
    }
    for (PiecewiseLinear::Line& line : pieces->lines) line.slope = as_kernels_hold(line.slope);
    all.push_back(std::move(*pieces));
  }
  return all;
}

// f(x) = slope_0 x + offset_0 + the sum over kinks t of (slope after - slope before) relu(x - t).
std::size_t lower_pieces(Lowering& lowering, const graph::Node& node, std::size_t from) {
  const std::vector<PiecewiseLinear> functions =
      functions_of(node, node.op->name == "activate_learned" ? lowering.numbers(node, 1)
                                                             : std::span<const float>());
  const std::size_t width = Lowering::width(node);
  std::vector<double> slopes(width), offsets(width), minus_kinks;
  std::vector<Entry> shifts, changes;
  for (std::size_t i = 0; i < width; ++i) {
    const PiecewiseLinear& f = functions[i % functions.size()];
    slopes[i] = f.lines[0].slope, offsets[i] = f.lines[0].offset;
    for (std::size_t k = 0; k < f.kinks.size(); ++k) {
      const auto unit = static_cast<std::uint32_t>(minus_kinks.size());
      shifts.push_back({static_cast<std::uint32_t>(i), unit, 1});
      changes.push_back(
          {unit, static_cast<std::uint32_t>(i), f.lines[k + 1].slope - f.lines[k].slope});
      minus_kinks.push_back(-f.kinks[k]);
    }
  }
  const std::size_t units = minus_kinks.size();
  Matrix lines = Matrix::of_diagonal(slopes);
  if (units == 0) return lowering.add_affine(node, from, std::move(lines), std::move(offsets), 4);
  const std::size_t shifted = lowering.add_affine(
      node, from, Matrix::of_entries(width, units, std::move(shifts)), std::move(minus_kinks), 0);
  const std::size_t kinked = lowering.add_relu(node, shifted);
  const std::size_t sum = lowering.add_affine(node, from, std::move(lines), std::move(offsets), 4);
  Layer& layer = lowering.network().layers[sum];
  layer.terms.push_back({kinked, Matrix::of_entries(units, width, std::move(changes))});
  layer.rounding += line_error, layer.least += line_error;
  return sum;
}

Curve curve_of(const graph::Node& node, const activation::Row& row,
               const activation::Parameters& p) {
  try {
    return {row, p};
  } catch (const Error& error) {
    fail(graph::where(node), ": ", error.what());
  }
}

std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const activation::Row& row = graph::activation_row(node);
  const std::size_t from = lowering.layer_of(node);
  if (row.name == "identity") return from;
  if (row.name == "relu") return lowering.add_relu(node, from);
  const activation::Parameters p = graph::activation_parameters(node);
  if (node.op->name == "activate" && !activation::pieces_of_row(row, p))
    return lowering.add_curve(node, from, curve_of(node, row, p));
  return lower_pieces(lowering, node, from);
}

}  // namespace

std::span<const Rule> activate() {
  static const Rule all[] = {{.op = "activate", .lower = lower},
                             {.op = "activate_learned", .lower = lower},
                             {.op = "activate_random", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
