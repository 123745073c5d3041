#include "rectify/model/evaluation_size.h"

#include <algorithm>
#include <cstdint>

#include "rectify/graph/activate.h"
#include "rectify/run/plan.h"

namespace rectify::model {

using graph::NodeId;

namespace {

/// Floats that an evaluation may always use: in small networks, many samples at once are faster.
constexpr std::size_t least_room = std::size_t{1} << 21;

/// 512 samples, or fewer if their values would take more than half a gigabyte.
std::size_t most_samples(const graph::Graph& graph) {
  constexpr std::int64_t most = 512, floats = 1 << 27;
  std::int64_t of_a_sample = 1;
  for (const graph::Node& node : graph.nodes())
    if (node.type.per_sample) of_a_sample += node.type.shape.size();
  return static_cast<std::size_t>(std::clamp(floats / of_a_sample, std::int64_t{1}, most));
}

}  // namespace

std::set<NodeId> watched_values(const graph::Graph& graph, NodeId loss) {
  std::set<NodeId> kept = {graph.result, loss};
  for (const NodeId id : graph::hidden_outputs(graph)) {
    kept.insert(id);
    kept.insert(graph.node(id).inputs[0]);
  }
  return kept;
}

EvaluationSize evaluation_size(const graph::Graph& graph, NodeId loss, std::size_t floats) {
  run::PlanOptions options{.keep = watched_values(graph, loss)};
  for (std::size_t samples = most_samples(graph);; samples /= 2) {
    options.batch = static_cast<std::int64_t>(samples);
    const std::size_t needed = run::Plan::arena_floats(graph, options);
    if (samples == 1 || needed <= std::max(floats, least_room)) return {samples, needed};
  }
}

}  // namespace rectify::model
