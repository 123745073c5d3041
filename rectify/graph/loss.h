#pragma once

#include "rectify/graph/operator.h"

namespace rectify::graph {

/// The pieces that every loss of (prediction, target) shares: the value is one number, the mean
/// over all rows of the batch, of which a sample has one, or several along the axes before the
/// last. The gradient is an operator "<name>_gradient" of the same two inputs. The target is an
/// int32 class per row, or a float for every output.
Operator loss_operator(std::string_view name, std::string_view summary);
Operator loss_gradient_operator(std::string_view name, std::string_view summary);

/// The shape of a sample's rows: all extents but the last.
Shape rows_of(const Shape& prediction);

/// Names of the losses that score (prediction, target) pairs.
std::vector<std::string> loss_names();

}  // namespace rectify::graph
