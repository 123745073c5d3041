#include "rectify/run/parameters.h"

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::run {

ParameterLayout::ParameterLayout(const graph::Graph& graph) {
  constexpr std::size_t line = tensor_alignment / sizeof(float);
  for (graph::NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    const bool state = node.op->name == "state";
    if (!state && node.op->name != "parameter") continue;
    const auto size = static_cast<std::size_t>(node.type.shape.size());
    slots_.push_back({node.label, node.type.shape, id, floats_, size, state});
    floats_ += (size + line - 1) / line * line;
  }
}

const ParameterSlot& ParameterLayout::slot_of(graph::NodeId node) const {
  for (const ParameterSlot& slot : slots_)
    if (slot.node == node) return slot;
  fail("node ", node, " is no parameter and no state");
}

std::size_t ParameterLayout::count() const {
  std::size_t count = 0;
  for (const ParameterSlot& slot : slots_) count += slot.state ? 0 : slot.size;
  return count;
}

}  // namespace rectify::run
