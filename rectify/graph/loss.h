#pragma once

#include "rectify/graph/operator.h"

namespace rectify::graph {

/// The pieces that every loss of (prediction, target) shares: the value is one number, the mean
/// over the batch; the gradient is an operator "<name>_gradient" of the same two inputs. The target
/// is an int32 class per sample, or a float for every output.
Operator loss_operator(std::string_view name, std::string_view summary);
Operator loss_gradient_operator(std::string_view name, std::string_view summary);

/// Names of the losses that score (prediction, target) pairs.
std::vector<std::string> loss_names();

}  // namespace rectify::graph
