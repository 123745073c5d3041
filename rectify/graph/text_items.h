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

/// A network beside a way around it: `residual(items)` is the operator `joins` of what the items
/// compute and of what they are given, or of what the items of a second branch compute.
struct Block {
  std::string_view name, joins;
  bool second_branch;
};

std::span<const Block> blocks();
/// Null when none is called that.
const Block* find_block(std::string_view name);

/// The inputs of a block's last node. The later value comes first where that is the same, because a
/// node can be computed with what its first input comes from (pass/fuse.h).
std::vector<NodeId> block_inputs(const Graph& graph, const Block& block, NodeId earlier,
                                 NodeId later);

/// What can stand as an item of a model's text: operators that build themselves, their shorthands,
/// every activation.
std::vector<std::string> item_names();
/// What joins values in the line form.
std::vector<std::string> join_names();

/// What an item's name stands for.
struct ItemKind {
  NodeId (*build)(Graph& graph, NodeId input, const Attributes& attributes, std::string label);
  Attributes given;                  ///< by the name itself
  std::vector<AttributeSpec> specs;  ///< of what may follow
  bool complete;                     ///< whether `build` wants the defaults filled in
};

/// Nothing when no item is called that.
std::optional<ItemKind> item_kind(std::string_view name);

/// Reads what follows an item's name, up to the end of the item, and appends what it stands for.
NodeId read_item(Tokens& tokens, const Token& name, ItemKind kind, Graph& graph, NodeId input);

/// Reads the label of an item, "as LABEL"; empty when there is none.
std::string read_label(Tokens& tokens);

/// Appends an operator that joins values. Throws Error at the name.
NodeId add_join(const Tokens& tokens, const Token& name, Graph& graph, std::string_view op,
                std::vector<NodeId> inputs, std::string label);

/// Refuses to go on with a graph that is too large already.
void check_size(const Tokens& tokens, const Token& name, const Graph& graph);

}  // namespace rectify::graph
