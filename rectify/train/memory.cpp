#include "rectify/train/memory.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "rectify/base/machine.h"
#include "rectify/graph/operator.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/evaluation_size.h"
#include "rectify/model/loss.h"
#include "rectify/pass/advance.h"
#include "rectify/pass/differentiate.h"
#include "rectify/run/plan.h"
#include "rectify/tensor/buffer.h"

namespace rectify::train {

using graph::NodeId;

namespace {

/// What a program grows by when it trains, besides what is counted: libraries at work, the stacks
/// of threads, a batch's rows. Measured.
constexpr std::int64_t started = std::int64_t{7} << 20;

/// Pages of such a buffer are not there before they are used.
bool is_large(std::size_t floats) { return floats * sizeof(float) >= (std::size_t{1} << 21); }

std::int64_t bytes_of(std::size_t floats) {
  return static_cast<std::int64_t>(Buffer::bytes(floats));
}

/// The plans of a training run as Trainer makes them, not run: a step that stores the gradients,
/// one that hands them on where it can, and an evaluation.
class Plans {
 public:
  Plans(const graph::Graph& network, std::int64_t batch)
      : layout_(network),
        parameters_(Buffer::unreserved(layout_.floats())),
        gradients_(Buffer::unreserved(layout_.floats())) {
    graph::Graph graph = network;
    const NodeId loss = model::add_loss(graph, "softmax_cross_entropy", true);
    evaluated_ = graph;
    const pass::ParameterGradients gradients = pass::differentiate(graph, {loss});
    run::PlanOptions stored{.batch = batch, .training = true, .keep = {graph.result, loss}};
    for (const auto& [state, next] : pass::advance(graph)) stored.keep.insert(next);
    run::PlanOptions fused = stored;
    stored.fuse = false;
    for (const auto& [parameter, gradient] : gradients) {
      float* const at = gradients_.data() + layout_.slot_of(parameter).offset;
      stored.bound[gradient] = at;
      if (run::Plan::can_sink(graph.node(gradient)) && graph.users(gradient).empty())
        fused.sinks[gradient] = {};
      else
        fused.bound[gradient] = at;
    }
    arena_->reserve(
        std::max(run::Plan::arena_floats(graph, stored), run::Plan::arena_floats(graph, fused)));
    add(graph, std::move(stored));
    add(graph, std::move(fused));
    const model::EvaluationSize size = model::evaluation_size(evaluated_, loss, arena_->floats());
    add(evaluated_, {.batch = static_cast<std::int64_t>(size.samples),
                     .keep = model::watched_values(evaluated_, loss)});
  }

  std::size_t parameter_floats() const { return layout_.floats(); }
  std::size_t arena_floats() const { return arena_->floats(); }
  std::int64_t scratch_bytes() const {
    std::size_t most = 0;
    for (const auto& plan : all_) most = std::max(most, plan->scratch_bytes());
    return static_cast<std::int64_t>(most);
  }
  /// Bytes of its buffers that are in memory already.
  std::int64_t present() const {
    std::int64_t bytes = 0;
    for (const std::size_t floats : {parameter_floats(), parameter_floats(), arena_floats()})
      if (!is_large(floats)) bytes += bytes_of(floats);
    return bytes;
  }

 private:
  void add(const graph::Graph& graph, run::PlanOptions options) {
    options.arena = arena_;
    all_.push_back(std::make_unique<run::Plan>(graph, layout_, parameters_.data(), threads_,
                                               std::move(options)));
  }

  run::ParameterLayout layout_;
  Buffer parameters_, gradients_;
  graph::Graph evaluated_;
  ThreadPool threads_;
  std::shared_ptr<run::Arena> arena_ = run::Arena::unreserved();
  std::vector<std::unique_ptr<run::Plan>> all_;
};

}  // namespace

TrainingMemory training_memory(const graph::Graph& network, std::int64_t batch) {
  // Parameters, gradients, momentum and the best; all but the gradients again as they are saved.
  constexpr std::int64_t copies = 4 + 3;
  const Plans plans(network, batch);
  return {.program = resident_bytes() - plans.present() + started,
          .parameters = copies * bytes_of(plans.parameter_floats()),
          .arena = bytes_of(plans.arena_floats()),
          .scratch = plans.scratch_bytes()};
}

}  // namespace rectify::train
