#pragma once

#include <string>
#include <string_view>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// Reads a network from its text form (docs/contracts.md), such as
/// `784 : dense 1000 | relu | dropout 0.5 | dense 10`. An item is an operator or the name of an
/// activation with its numbers: `leaky_relu a=0.02`. `repeat N (items)` stands for N copies,
/// `residual(items)` for x + f(x). What is no chain stands in lines: `%3 = add %1 %2`.
/// Throws Error that points at the column and suggests the nearest name.
Graph parse_model(std::string_view text);

/// The text form of a network, as a chain of items and blocks if it is one, else as lines;
/// parse_model gives the same graph again. Throws Error for what that cannot be: values that are
/// never used, parameters that layers share, operators that no text names.
std::string model_text(const Graph& graph);

/// The same with the activation `item`, such as `leaky_relu a=0.02`, in the place of every `relu`.
/// Throws Error where the network has none.
std::string text_with_activation(const Graph& graph, std::string_view item);

/// `[784] : dense 1000 | relu | ...` from a list of hidden widths: each followed by the activation
/// (an item, such as `leaky_relu a=0.02`), then a dense layer of `outputs`.
std::string mlp_text(const Shape& input, const std::vector<std::int64_t>& hidden,
                     std::string_view activation, std::int64_t outputs);

}  // namespace rectify::graph
