#pragma once

#include <cstdint>
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
#include "rectify/run/parameters.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run {

/// What the steps of a plan read at run time.
struct RunState {
  std::uint64_t seed = 0;  ///< of random nodes
  std::uint32_t step = 0;  ///< of training; addresses their numbers
};

struct PlanOptions {
  std::int64_t batch = 1;
  bool training = false;              ///< random nodes act; otherwise they let everything through
  std::set<graph::NodeId> keep = {};  ///< values to be readable after a run
  /// Memory of values that live outside the arena, besides the parameters: gradients.
  std::map<graph::NodeId, float*> bound = {};
};

/// A graph made ready to run on the CPU for one batch size: kernels chosen, memory laid out, every
/// step prebuilt. A run allocates nothing. The graph, the parameters and the pool must outlive it.
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

  void run(RunState state);

  /// A kept value after a run. Throws Error for one that was not kept.
  std::span<const float> value(graph::NodeId id) const;

  /// Bytes of the arena.
  std::size_t arena_bytes() const { return arena_.size() * sizeof(float); }

 private:
  float* address(graph::NodeId id) const;

  const graph::Graph& graph_;
  PlanOptions options_;
  Buffer arena_;
  std::vector<float*> addresses_;
  RunState state_;
  std::vector<std::function<void()>> steps_;
};

}  // namespace rectify::run
