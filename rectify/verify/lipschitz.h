#pragma once

#include <vector>

#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"
#include "rectify/verify/sample_attack.h"
#include "rectify/verify/verify.h"

namespace rectify::verify {

/// How steep an output can be in a box.
struct Steepness {
  /// For any two inputs of the box, the output changes by at most this times the norm of what the
  /// inputs change by. Of the network in real arithmetic.
  double proven = 0;
  double found = 0;       ///< the steepest slope that was found, measured in the same way
  std::vector<float> at;  ///< where it was found
};

/// The Lipschitz constants of all outputs in a box.
struct Lipschitz {
  std::vector<Steepness> outputs;
  bool tight = false;  ///< whether all bounds are within a hundredth of what was found
  std::size_t sub_problems = 0;
  double seconds = 0;
};

/// Proves bounds of the Lipschitz constant of each output over a box, in the data's units, and
/// looks for inputs where it is nearly as steep. With Norm::inf a change of inputs is measured by
/// its largest number, so that the constant is the largest sum of the slopes' sizes; with Norm::two
/// by its length. The float32 network may change by what rounding does beside that. Throws as
/// output_ranges().
///
///     const Lipschitz constants = lipschitz(predictor, box, Norm::inf, {.seconds = 10});
Lipschitz lipschitz(const model::Predictor& predictor, const Box& box, Norm norm,
                    const Limits& limits = {});

}  // namespace rectify::verify
