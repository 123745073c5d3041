#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/graph/graph.h"
#include "rectify/pass/precision.h"
#include "rectify/run/parameters.h"
#include "rectify/run/profile.h"
#include "rectify/run/rounded_parameters.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run {

/// What the steps of a plan read at run time.
struct RunState {
  std::uint64_t seed = 0;  ///< of random nodes
  std::uint32_t step = 0;  ///< of training; addresses their numbers
};

/// Takes `count` elements of a parameter's gradient from its element `first` on, while they are in
/// cache; null stands for zeros. Called from several threads, for parts that do not meet.
using GradientSink =
    std::function<void(std::size_t first, std::size_t count, const float* gradient)>;

/// Memory for plans that never run at the same time. What a plan keeps lasts until another runs.
class Arena {
 public:
  Arena() = default;
  /// Of Buffer::unreserved().
  static std::shared_ptr<Arena> unreserved();

  /// Memory of at least that many floats; what was given before stays where it is.
  float* reserve(std::size_t floats);
  /// Of the largest piece that was asked for.
  std::size_t floats() const { return blocks_.empty() ? 0 : blocks_.back().size(); }

 private:
  std::deque<Buffer> blocks_;  ///< each larger than the one before
  bool reserved_ = true;
};

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
  /// Whether convolutions of 3x3 taps may be computed by Winograd's algorithm (run/cpu/winograd.h),
  /// which is faster, and whose rounding errors are a few times as large. None are where
  /// RECTIFY_WINOGRAD in the environment says `off`.
  bool winograd = true;
  /// With `bfloat16`: the parameters so rounded, kept up to date by who changes them; null: every
  /// run rounds them.
  RoundedParameters* rounded = nullptr;
  std::shared_ptr<Arena> arena = {};  ///< null: one of its own
  bool profile = false;               ///< whether each step is timed, for Plan::profile()
};

/// Whether this processor multiplies bfloat16 faster than floats (AVX512-BF16, AMX).
bool has_bfloat16_products();

/// What a plan with PlanOptions::bfloat16 computes, where `kept` are the values that stay floats.
pass::Rewritten in_bfloat16(const graph::Graph& graph, const std::set<graph::NodeId>& kept);

/// Which nodes a plan that fuses computes together with which, as pass::fuse() says.
std::vector<graph::NodeId> riders(const graph::Graph& graph);

/// A graph made ready to run on the CPU for one batch size: kernels chosen, memory laid out, every
/// step prebuilt. A run allocates nothing. The parameters and the pool must outlive it.
/// The results are the same bits for any number of threads in the pool.
class Plan {
 public:
  /// `parameters` has the layout of ParameterLayout(graph). Throws Error when memory is short.
  Plan(const graph::Graph& graph, const ParameterLayout& layout, float* parameters,
       ThreadPool& threads, PlanOptions options);
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  std::int64_t batch() const { return options_.batch; }

  /// The memory of a graph input, to be filled before a run: batch x shape, row-major.
  float* input(graph::NodeId id);
  std::int32_t* labels(graph::NodeId id) { return reinterpret_cast<std::int32_t*>(input(id)); }

  /// Computes all values but those with sinks.
  void run(RunState state);

  /// Whether a node's value can go to a sink: the gradient of a weight matrix can.
  static bool can_sink(const graph::Node& node);
  /// After run(): whether every element that run_sinks() is going to compute is sure to be finite.
  bool sinks_stay_finite() const;
  /// After run(): computes the values with sinks. A sink may change the parameters, which are not
  /// read any more.
  void run_sinks();

  /// A kept value after a run. Throws Error for one that was not kept.
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
  void lower();
  std::function<void()> watched(std::function<void()> step, StepProfile profile);
  float* address(graph::NodeId lowered) const;

  /// What is computed, and where in it the nodes of the graph are that was asked for.
  graph::Graph graph_;
  std::vector<graph::NodeId> at_;
  std::set<graph::NodeId> given_;  ///< of what is computed: what need not be
  PlanOptions options_;
  std::shared_ptr<Arena> arena_;
  std::size_t arena_floats_ = 0, scratch_bytes_ = 0;
  std::vector<float*> addresses_;
  RunState state_;
  ThreadPool& threads_;
  std::vector<std::function<void()>> steps_, sinks_;
  std::vector<graph::NodeId> sunk_;
  std::deque<StepProfile> profile_;
};

}  // namespace rectify::run
