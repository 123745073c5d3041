#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// How a node is written: its name, and its attributes and label.
struct Written {
  std::string name, rest;
};

/// Whether a node has a word in the text; what is given to the network has none.
bool is_written(const Node& node);

/// The network as a chain of items and blocks, from `words` for each node; nothing when it is no
/// chain, or when parse_model would append its nodes in another order.
std::optional<std::string> chain_text(const Graph& graph, const std::vector<Written>& words);

}  // namespace rectify::graph
