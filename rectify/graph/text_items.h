#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/graph/graph.h"
#include "rectify/graph/text_tokens.h"

namespace rectify::graph {

/// How deeply brackets may be nested in a model's text.
inline constexpr int deepest_text = 32;

/// A block: a part of the network with a branch around it. `residual(items)` applies the operator
/// `joins` to the value of the items and to their input, or to the values of two branches of items.
struct Block {
  std::string_view name, joins;
  bool second_branch;
};

std::span<const Block> blocks();
/// The block with this name; null when there is none.
const Block* find_block(std::string_view name);

/// The inputs of a block's last node. Where their order does not change the result, the later value
/// comes first, because a node can be fused with the node of its first input (pass/fuse.h).
std::vector<NodeId> block_inputs(const Graph& graph, const Block& block, NodeId earlier,
                                 NodeId later);

/// The names that can be items of a model's text: operators with a `build` rule, their shorthands,
/// and all activations.
std::vector<std::string> item_names();

/// The end of an error text about an item that there is not: as suggestion(), of item_names(),
/// other names for the same, and those that may stand there too.
std::string item_suggestion(std::string_view name, const std::vector<std::string>& others);
/// The names of the operators that join values, in the line form.
std::vector<std::string> join_names();

/// What the name of an item means.
struct ItemKind {
  NodeId (*build)(Graph& graph, NodeId input, const Attributes& attributes, std::string label);
  Attributes given;                  ///< the attributes that the name itself sets
  std::vector<AttributeSpec> specs;  ///< the attributes that may follow the name
  bool complete;                     ///< whether `build` needs the defaults filled in
};

/// The meaning of an item's name; nothing when no item has this name.
std::optional<ItemKind> item_kind(std::string_view name);

/// Reads the attributes after an item's name, up to the end of the item, and appends the item's
/// nodes.
NodeId read_item(Tokens& tokens, const Token& name, ItemKind kind, Graph& graph, NodeId input);

/// Reads the label of an item, "as LABEL"; returns an empty text when there is none.
std::string read_label(Tokens& tokens);

/// Reads the attributes after the values that an operator joins, up to its label.
Attributes read_join_attributes(Tokens& tokens, const Token& name, std::string_view op);

/// Appends an operator that joins values. Throws Error, which points at the name.
NodeId add_join(const Tokens& tokens, const Token& name, Graph& graph, std::string_view op,
                std::vector<NodeId> inputs, std::string label, Attributes attributes = {});

/// Throws Error when the graph is already too large.
void check_size(const Tokens& tokens, const Token& name, const Graph& graph);

}  // namespace rectify::graph
