#include "rectify/pass/placement.h"

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/tensor/buffer.h"

namespace rectify::pass {

using graph::Graph;
using graph::NodeId;

namespace {

constexpr std::int64_t line = tensor_alignment / sizeof(float);

/// A range of the arena, used by one value, or by several one after the other (in place).
struct Block {
  std::int64_t floats = 0;
  NodeId first = 0, last = 0;  ///< the steps between which it is in use, inclusive
  std::int64_t offset = -1;
};

/// The step that reads each value last. A value that no step reads has its own step; a kept value
/// has the end of time.
std::vector<NodeId> last_reads(const Graph& graph, const std::set<NodeId>& kept) {
  std::vector<NodeId> last(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    last[id] = id;
    for (const NodeId input : graph.node(id).inputs) last[input] = std::max(last[input], id);
  }
  for (const NodeId id : kept) last[id] = graph.size();
  // Inputs are written from outside before the first step. They keep their memory to the end, so
  // that the caller can fill them in place.
  for (const NodeId id : graph.all("input")) last[id] = graph.size();
  return last;
}

/// The lowest offset at which `block` overlaps none of the placed blocks that are in use at the
/// same time.
std::int64_t lowest_gap(const Block& block, const std::vector<const Block*>& placed) {
  std::int64_t offset = 0;
  for (const Block* other : placed) {  // ascending by offset
    if (other->last < block.first || block.last < other->first) continue;
    if (offset + block.floats <= other->offset) break;
    offset = std::max(offset, other->offset + other->floats);
  }
  return offset;
}

}  // namespace

Placement place(const Graph& graph, std::int64_t batch, const std::set<NodeId>& kept,
                const std::set<NodeId>& elsewhere, const std::vector<NodeId>& host) {
  const std::vector<NodeId> last = last_reads(graph, kept);
  std::vector<Block> blocks;
  std::vector<int> block_of(graph.size(), -1);
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (elsewhere.contains(id)) continue;
    const graph::Node& node = graph.node(id);
    if (node.op->in_place && block_of[node.inputs[0]] >= 0 && last[node.inputs[0]] == id &&
        graph.node(node.inputs[0]).op->name != "input") {
      block_of[id] = block_of[node.inputs[0]];
      blocks[block_of[id]].last = std::max(blocks[block_of[id]].last, last[id]);
      continue;
    }
    block_of[id] = static_cast<int>(blocks.size());
    const std::int64_t floats =
        (node.type.bytes(batch) + tensor_alignment - 1) / tensor_alignment * line;
    const NodeId first = node.op->name == "input" ? -1 : host[id] >= 0 ? host[id] : id;
    blocks.push_back({.floats = floats, .first = first, .last = last[id]});
  }

  std::vector<Block*> by_size;
  for (Block& block : blocks) by_size.push_back(&block);
  std::ranges::stable_sort(by_size, std::greater{}, &Block::floats);
  Placement placement{.offset = std::vector<std::int64_t>(graph.size(), -1)};
  std::vector<const Block*> placed;
  for (Block* block : by_size) {
    block->offset = lowest_gap(*block, placed);
    placed.insert(std::ranges::upper_bound(placed, block->offset, {}, &Block::offset), block);
    placement.floats = std::max(placement.floats, block->offset + block->floats);
  }
  for (NodeId id = 0; id < graph.size(); ++id)
    if (block_of[id] >= 0) placement.offset[id] = blocks[block_of[id]].offset;
  return placement;
}

}  // namespace rectify::pass
