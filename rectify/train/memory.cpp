#include "rectify/train/memory.h"

#include <algorithm>

#include "rectify/base/machine.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/advance.h"
#include "rectify/pass/differentiate.h"
#include "rectify/run/plan.h"
#include "rectify/train/model.h"

namespace rectify::train {

using graph::NodeId;

namespace {

/// Floats that an evaluation may always use: in small networks, many samples at once are faster.
constexpr std::size_t least_room = std::size_t{1} << 21;

/// 512, or fewer where their values would take more than half a gigabyte.
std::size_t most_samples(const graph::Graph& graph) {
  constexpr std::int64_t most = 512, floats = 1 << 27;
  std::int64_t of_a_sample = 1;
  for (const graph::Node& node : graph.nodes())
    if (node.type.per_sample) of_a_sample += node.type.shape.size();
  return static_cast<std::size_t>(std::clamp(floats / of_a_sample, std::int64_t{1}, most));
}

/// What a program grows by until it trains: libraries at work, threads. Measured, as is what the
/// plans and compiled kernels of a training graph's node take.
constexpr std::int64_t started = std::int64_t{10} << 20, a_node = std::int64_t{32} << 10;

/// As Buffer has it: large ones are whole huge pages.
std::int64_t bytes_of(std::size_t floats) {
  constexpr std::int64_t huge_page = std::int64_t{1} << 21;
  const auto bytes = static_cast<std::int64_t>(floats * sizeof(float));
  return bytes < huge_page ? bytes : (bytes + huge_page - 1) / huge_page * huge_page;
}

/// The graph of a step and its arena: the larger of a fused one, which hands gradients of weights
/// on, and one that stores them, as Trainer makes them.
struct Step {
  std::int64_t nodes;
  std::size_t floats;
};
Step step_of(const graph::Graph& network, std::int64_t batch) {
  graph::Graph graph = network;
  const NodeId loss = add_loss(graph, "softmax_cross_entropy", true);
  const pass::ParameterGradients gradients = pass::differentiate(graph, {loss});
  run::PlanOptions stored{.batch = batch, .training = true, .keep = {graph.result, loss}};
  for (const auto& [state, next] : pass::advance(graph)) stored.keep.insert(next);
  run::PlanOptions fused = stored;
  for (const auto& [parameter, gradient] : gradients) {
    stored.bound[gradient] = nullptr;
    if (run::Plan::can_sink(graph.node(gradient)) && graph.users(gradient).empty())
      fused.sinks[gradient] = {};
    else
      fused.bound[gradient] = nullptr;
  }
  stored.fuse = false;
  return {graph.size(),
          std::max(run::Plan::arena_floats(graph, stored), run::Plan::arena_floats(graph, fused))};
}

}  // namespace

std::set<NodeId> watched_values(const graph::Graph& graph, NodeId loss) {
  std::set<NodeId> kept = {graph.result, loss};
  for (const NodeId id : graph::activations(graph)) {
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

TrainingMemory training_memory(const graph::Graph& network, std::int64_t batch) {
  // Parameters, gradients, momentum and the best; all but the gradients again as they are saved.
  constexpr std::int64_t copies = 4 + 3;
  const Step step = step_of(network, batch);
  graph::Graph evaluated = network;
  const NodeId loss = add_loss(evaluated, "softmax_cross_entropy", true);
  const std::size_t evaluation = evaluation_size(evaluated, loss, step.floats).floats;
  return {.program = resident_bytes() + started + step.nodes * a_node,
          .parameters = copies * bytes_of(run::ParameterLayout(network).floats()),
          .arena = bytes_of(std::max(step.floats, evaluation))};
}

}  // namespace rectify::train
