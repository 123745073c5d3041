#include "rectify/onnx/prune.h"

#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::onnx {

void prune(Network& network) {
  const graph::Graph& old = network.graph;
  std::vector<bool> needed(static_cast<std::size_t>(old.size()), false);
  needed[static_cast<std::size_t>(old.result)] = true;
  for (graph::NodeId id = old.size() - 1; id >= 0; --id) {
    const graph::Node& node = old.node(id);
    if (node.op->name == "input") needed[static_cast<std::size_t>(id)] = true;
    if (needed[static_cast<std::size_t>(id)])
      for (const graph::NodeId input : node.inputs) needed[static_cast<std::size_t>(input)] = true;
  }
  graph::Graph kept;
  pass::Numbers numbers;
  std::vector<graph::NodeId> at(static_cast<std::size_t>(old.size()), -1);
  for (graph::NodeId id = 0; id < old.size(); ++id) {
    if (!needed[static_cast<std::size_t>(id)]) continue;
    graph::Node node = old.node(id);
    for (graph::NodeId& input : node.inputs) input = at[static_cast<std::size_t>(input)];
    const graph::NodeId now = kept.add_copy(std::move(node));
    at[static_cast<std::size_t>(id)] = now;
    if (const auto found = network.numbers.find(id); found != network.numbers.end())
      numbers[now] = std::move(found->second);
  }
  kept.result = at[static_cast<std::size_t>(old.result)];
  network.answer.node = kept.result;
  for (View& view : network.inputs) view.node = at[static_cast<std::size_t>(view.node)];
  network.graph = std::move(kept);
  network.numbers = std::move(numbers);
}

graph::NodeId build_identity(graph::Graph& graph, graph::NodeId node) {
  graph::Attributes attributes;
  attributes.set("row", std::string("identity"));
  return graph::add_activation(graph, node, attributes, {});
}

}  // namespace rectify::onnx
