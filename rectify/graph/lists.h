#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// The whole numbers of a node's attribute, which has commas between them: `0,-2,1`. Throws Error,
/// which names the node, for anything else; an empty text is no number.
std::vector<std::int64_t> list_attribute(const Node& node, std::string_view name);

/// The text of such an attribute.
std::string list_text(const std::vector<std::int64_t>& numbers);

/// The shape of f(a, b) element by element, where axes are counted from the last one and an axis of
/// extent 1, or none, is repeated: 3x1 and 4 give 3x4. Throws Error, which names the node.
Shape broadcast(const Node& node, const Shape& a, const Shape& b);

/// How far apart in a value of shape `own` the elements are that lie next to each other along each
/// axis of `whole`, to which it is broadcast: 0 along axes that are repeated.
std::vector<std::int64_t> broadcast_strides(const Shape& own, const Shape& whole);

/// The type of a value of that shape that is computed from all inputs of a node: it has a batch if
/// one of them has.
Type type_of(const Graph& graph, const Node& node, Shape shape);

}  // namespace rectify::graph
