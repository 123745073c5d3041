#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/graph/graph.h"
#include "rectify/pass/precision.h"
#include "rectify/run/arena.h"
#include "rectify/run/backend.h"
#include "rectify/run/parameters.h"
#include "rectify/run/profile.h"
#include "rectify/run/rounded_parameters.h"
#include "rectify/run/step.h"
#include "rectify/run/storage.h"
#include "rectify/run/weight_precision.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run {

struct PlanOptions {
  std::int64_t batch = 1;
  bool training = false;              ///< random nodes act; otherwise they let everything through
  std::set<graph::NodeId> keep = {};  ///< values to be readable after a run
  /// Memory of values that live outside the arena, besides the parameters: gradients.
  std::map<graph::NodeId, float*> bound = {};
  /// Values that are never stored, because run_sinks() hands them on. Plan::can_sink() says which
  /// nodes can be here.
  std::map<graph::NodeId, GradientSink> sinks = {};
  /// Whether element-wise values are computed while what they come from is in cache (pass/fuse.h).
  /// The results are the same bits.
  bool fuse = true;
  /// Whether in_bfloat16() of the graph is what is computed (pass/precision.h), which is faster
  /// where has_bfloat16_products().
  bool bfloat16 = false;
  /// Whether convolutions of 3x3 taps may be computed by Winograd's algorithm, which is faster, and
  /// whose rounding errors are a few times as large. None are where RECTIFY_WINOGRAD in the
  /// environment says `off`.
  bool winograd = true;
  /// Whether products may leave out the terms whose factor is 0, where there are so many that it is
  /// faster. Their sums are then rounded in another order. None do where RECTIFY_SPARSE in the
  /// environment says `off`.
  bool sparse = true;
  /// Without `training`: what weights of dense layers are kept as, in a copy that is made with the
  /// plan. Parameters that change afterwards change nothing there. Terms whose factor is 0 are left
  /// out of their products, whatever `sparse` says; meant for few rows at a time.
  WeightPrecision weights = WeightPrecision::fp32;
  /// With `bfloat16`: the parameters so rounded, kept up to date by who changes them; null: every
  /// run rounds them.
  RoundedParameters* rounded = nullptr;
  std::shared_ptr<Arena> arena = {};  ///< null: one of its own
  bool profile = false;               ///< whether each step is timed, for Plan::profile()
  Backend* backend = nullptr;         ///< what computes; null: cpu_backend()
};

/// What a plan with PlanOptions::bfloat16 computes, where `kept` are the values that stay floats.
pass::Rewritten in_bfloat16(const graph::Graph& graph, const std::set<graph::NodeId>& kept,
                            const Backend& backend = cpu_backend());

/// A graph made ready to run on a backend for one batch size: memory laid out, every step prebuilt.
/// A run allocates nothing. The backend, the parameters and the pool must outlive it.
///
///     const graph::Graph graph = graph::parse_model("784 : dense 100 | relu | dense 10");
///     const ParameterLayout layout(graph);
///     Buffer parameters(layout.floats());
///     ThreadPool threads;
///     Plan plan(graph, layout, parameters.data(), threads,
///               {.batch = 32, .keep = {graph.result}});
///     std::ranges::copy(samples, plan.input(graph.find("input")));  // 32 x 784 floats
///     plan.run({});
///     const std::span<const float> logits = plan.value(graph.result);  // 32 x 10
class Plan {
 public:
  /// `parameters` has the layout of ParameterLayout(graph). Throws Error when memory is short, for
  /// a batch below 1, for options about nodes that the graph does not have, for the layout of
  /// another graph, and naming the node when the backend does not support one.
  Plan(const graph::Graph& graph, const ParameterLayout& layout, float* parameters,
       ThreadPool& threads, PlanOptions options);
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  std::int64_t batch() const { return options_.batch; }

  /// The memory of a graph input, to be filled before a run: batch x shape, row-major. Throws Error
  /// for what is no graph input, and when its elements are others.
  float* input(graph::NodeId id) { return filled(id).as<float>(); }
  std::int32_t* labels(graph::NodeId id) { return filled(id).as<std::int32_t>(); }

  /// Computes all values but those with sinks.
  void run(RunState state);

  /// Whether a node's value can go to a sink: the gradient of a weight matrix can.
  static bool can_sink(const graph::Node& node, const Backend& backend = cpu_backend()) {
    return backend.can_sink(node);
  }
  /// After run(): whether every element that run_sinks() is going to compute is sure to be finite.
  bool sinks_stay_finite() const;
  /// After run(): computes the values with sinks. A sink may change the parameters, which are not
  /// read any more.
  void run_sinks();

  /// A kept value after a run: batch x shape, row-major. Throws Error for one that was not kept,
  /// and for what is no node, such as the -1 of an unknown label.
  std::span<const float> value(graph::NodeId id) const;

  /// With PlanOptions::profile, every step in the order of computing with the seconds of all runs
  /// so far; empty without.
  const std::deque<StepProfile>& profile() const { return profile_; }

  /// Bytes of scratch memory that its steps ask for, which all plans share.
  std::size_t scratch_bytes() const { return scratch_bytes_; }
  /// Bytes of the arena that it uses.
  std::size_t arena_bytes() const { return arena_floats_ * sizeof(float); }
  /// How many floats a plan with these options would use, without making one. Where bound values
  /// are and what sinks do does not matter.
  static std::size_t arena_floats(const graph::Graph& graph, const PlanOptions& options);

 private:
  void find_memory(const ParameterLayout& layout, float* parameters,
                   const std::vector<std::int64_t>& offset);
  void check_support() const;
  std::vector<Task> tasks();
  void lower();
  Step watched(Step step, StepProfile profile, const FactorZeros& zeros);
  const Storage& storage(graph::NodeId lowered) const;
  Storage in_processor(graph::NodeId lowered) const;
  Storage filled(graph::NodeId id);

  /// What is computed, and where in it the nodes of the graph are that was asked for.
  graph::Graph graph_;
  std::vector<graph::NodeId> at_;
  std::set<graph::NodeId> given_;  ///< of what is computed: what need not be
  PlanOptions options_;
  Backend& backend_;
  std::shared_ptr<Arena> arena_;
  std::size_t arena_floats_ = 0, scratch_bytes_ = 0;
  std::vector<Storage> storages_;  ///< by node of what is computed
  /// By node, what the processor sees of it, where that is not the value itself.
  mutable std::map<graph::NodeId, Buffer> copies_;
  RunState state_;
  ThreadPool& threads_;
  std::vector<Step> steps_, sinks_;
  std::vector<graph::NodeId> sunk_;
  std::vector<FactorZeros> zeros_;  ///< by node of what is computed; empty: nobody looks
  std::deque<StepProfile> profile_;
};

}  // namespace rectify::run
