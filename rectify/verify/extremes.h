#pragma once

#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"
#include "rectify/verify/verify.h"

namespace rectify::verify {

/// What an output can be in a box: bounds that are proven, and numbers that it reaches.
struct OutputExtremes {
  activation::Interval proven = {0, 0};  ///< the predictor gives no number outside
  float least = 0, greatest = 0;         ///< what it answers to these two inputs of the box:
  std::vector<float> at_least, at_greatest;
};

/// The ranges of all outputs in a box.
struct Extremes {
  std::vector<OutputExtremes> outputs;
  /// Whether all bounds are within a thousandth of the range, or within what float32 may be off, of
  /// what was found; otherwise time ended the search.
  bool tight = false;
  std::size_t sub_problems = 0;
  double seconds = 0;
};

/// Proves bounds of each output over a box, and looks for inputs that come near them. Bounds begin
/// as those of output_ranges(), and become better while parts of the box are divided. They hold for
/// the float32 network as the predictor runs it. Throws as output_ranges().
///
///     const Extremes extremes = output_extremes(predictor, box, {.seconds = 10});
///     std::cout << extremes.outputs[0].proven.low << " <= y <= " <<
///     extremes.outputs[0].proven.high;
Extremes output_extremes(const model::Predictor& predictor, const Box& box,
                         const Limits& limits = {});

}  // namespace rectify::verify
