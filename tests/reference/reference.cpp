#include "tests/reference/reference.h"

#include "rectify/base/bfloat16.h"
#include "rectify/base/error.h"

namespace rectify::run::reference {

double Context::target(std::int64_t i, std::int64_t j) const {
  const std::int64_t outputs = shape(0).back();
  if (!class_targets()) return in(1)[i * outputs + j];
  const double label = in(1)[i];
  if (outputs == 1) return label;
  return static_cast<double>(j) == label ? 1 : 0;
}

Values evaluate(const graph::Graph& graph, std::int64_t batch, bool training, RunState state,
                const std::map<graph::NodeId, std::vector<double>>& given,
                std::span<const graph::NodeId> wanted) {
  std::vector<bool> needed(graph.size(), wanted.empty());
  for (const graph::NodeId id : wanted) needed[id] = true;
  for (graph::NodeId id = graph.size(); id-- > 0;)
    if (needed[id])
      for (const graph::NodeId input : graph.node(id).inputs) needed[input] = true;
  Values values(graph.size());
  for (graph::NodeId id = 0; id < graph.size(); ++id) {
    if (!needed[id]) continue;
    const graph::Node& node = graph.node(id);
    if (const auto found = given.find(id); found != given.end()) {
      values[id] = found->second;
      continue;
    }
    const Loop* loop = nullptr;
    for (const Loop* candidate : loops())
      if (candidate->op == node.op->name) loop = candidate;
    if (!loop) fail(graph::where(node), " has no reference");
    std::vector<double> output(static_cast<std::size_t>(node.type.size(batch)));
    Context context{graph, node, batch, training, state, values, output};
    loop->run(context);
    if (node.type.element == Element::bfloat16)
      for (double& value : output) value = to_float(to_bfloat16(static_cast<float>(value)));
    values[id] = std::move(output);
  }
  return values;
}

}  // namespace rectify::run::reference
