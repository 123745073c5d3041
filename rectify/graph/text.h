#pragma once

#include <string>
#include <string_view>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// Reads a network from its text form (docs/contracts.md).
///
///     const Graph graph = parse_model("784 : dense 1000 | relu | dropout 0.5 | dense 10");
///
/// An item is an operator, or the name of an activation with its numbers: `leaky_relu a=0.02`.
/// `repeat N (items)` stands for N copies of the items, `residual(items)` for x + f(x). A network
/// that is not a chain is written in lines: `%3 = add %1 %2`. Throws Error, which points at the
/// column and suggests the nearest name.
Graph parse_model(std::string_view text);

/// The text form of a network: a chain of items and blocks where possible, else lines.
/// parse_model() reads it back to the same graph. Throws Error for graphs that have no text form:
/// with values that are never used, parameters that layers share, or operators that have no name in
/// a text.
std::string model_text(const Graph& graph);

/// The text form with every `relu` replaced by the activation `item`, such as `leaky_relu a=0.02`.
/// Throws Error where the network has no relu.
std::string text_with_activation(const Graph& graph, std::string_view item);

/// The text of a multilayer perceptron with these hidden widths. Each hidden layer is followed by
/// the activation (an item, such as `leaky_relu a=0.02`); the last layer is dense with `outputs`
/// units.
///
///     mlp_text({784}, {1000}, "relu", 10);  // "784 : dense 1000 | relu | dense 10"
std::string mlp_text(const Shape& input, const std::vector<std::int64_t>& hidden,
                     std::string_view activation, std::int64_t outputs);

}  // namespace rectify::graph
