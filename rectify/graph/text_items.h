#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// What can stand as an item of a model's text: operators that build themselves, their shorthands,
/// every activation.
std::vector<std::string> item_names();

/// What an item's name stands for.
struct ItemKind {
  NodeId (*build)(Graph& graph, NodeId input, const Attributes& attributes, std::string label);
  Attributes given;                  ///< by the name itself
  std::vector<AttributeSpec> specs;  ///< of what may follow
  bool complete;                     ///< whether `build` wants the defaults filled in
};

/// Nothing when no item is called that.
std::optional<ItemKind> item_kind(std::string_view name);

}  // namespace rectify::graph
