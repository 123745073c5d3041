#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// How a node is written in a text: its name, its attributes and its label.
struct Written {
  std::string name, rest;
};

/// Whether a node is written in the text. The network's inputs, parameters and states are not, nor
/// nodes that belong to the item of a later node.
bool is_written(const Node& node);

/// The network as a chain of items and blocks, made of `words` for each node. Nothing when the
/// network is not a chain, or when parse_model() would append its nodes in another order.
std::optional<std::string> chain_text(const Graph& graph, const std::vector<Written>& words);

}  // namespace rectify::graph
