#pragma once

#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"

namespace rectify::verify {

/// Bounds of each output for all inputs of a box, rounded to float32: the predictor gives no number
/// outside. They may be wider than what it can reach. Throws Error for a box that does not fit the
/// network, for an operator without bounds, for a predictor that keeps its weights as bf16 or int8,
/// and where the network may overflow.
std::vector<activation::Interval> output_ranges(const model::Predictor& predictor, const Box& box);

/// A layer's relus that give 0 for all inputs of a box.
struct DeadUnits {
  std::string label;                 ///< of the activation
  std::vector<std::size_t> numbers;  ///< ascending
  std::size_t of = 0;                ///< numbers of the layer
};

/// Units that are proven dead in a box, for each relu, in the order of the network. What is not
/// listed may be alive or not. Throws as output_ranges().
///
///     for (const DeadUnits& layer : dead_units(predictor, box))
///       std::cout << layer.label << ": " << layer.numbers.size() << " of " << layer.of << '\n';
std::vector<DeadUnits> dead_units(const model::Predictor& predictor, const Box& box);

}  // namespace rectify::verify
