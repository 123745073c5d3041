#pragma once

#include "rectify/graph/operator.h"

namespace rectify::graph {

/// What all losses of (prediction, target) share. The value is one number: the mean over all rows
/// of the batch. A row is the last axis of the prediction: a sample has one row, or several if it
/// has more axes. The gradient is an operator "<name>_gradient" of the same two inputs. The target
/// is an int32 class for each row, or a float for every output. A third input, where there is one,
/// is a factor on the loss of each row; the mean is still over the number of rows.
Operator loss_operator(std::string_view name, std::string_view summary);
Operator loss_gradient_operator(std::string_view name, std::string_view summary);

/// The shape of a sample without its last axis: the arrangement of its rows.
Shape rows_of(const Shape& prediction);

/// The names of the losses of (prediction, target).
std::vector<std::string> loss_names();

}  // namespace rectify::graph
