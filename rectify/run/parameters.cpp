#include "rectify/run/parameters.h"

#include "rectify/base/error.h"

namespace rectify::run {

ParameterLayout::ParameterLayout(const graph::Graph& graph) {
  constexpr std::size_t line = tensor_alignment / sizeof(float);
  for (const graph::NodeId id : graph.all("parameter")) {
    const graph::Node& node = graph.node(id);
    const auto size = static_cast<std::size_t>(node.type.shape.size());
    slots_.push_back({node.label, node.type.shape, id, floats_, size});
    floats_ += (size + line - 1) / line * line;
  }
}

const ParameterSlot& ParameterLayout::slot_of(graph::NodeId node) const {
  for (const ParameterSlot& slot : slots_)
    if (slot.node == node) return slot;
  fail("node ", node, " is not a parameter");
}

std::size_t ParameterLayout::count() const {
  std::size_t count = 0;
  for (const ParameterSlot& slot : slots_) count += slot.size;
  return count;
}

}  // namespace rectify::run
