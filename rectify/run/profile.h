#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "rectify/graph/graph.h"

namespace rectify::run {

/// One step of a plan, for people: what it is and what it took.
struct StepProfile {
  std::string op, label;       ///< of its node
  std::string implementation;  ///< "oneDNN", "avx512"
  std::string shape;           ///< "128x1000", of a product "128x784x1000"
  int riders = 0;              ///< element-wise values computed along with it
  double flops = 0;            ///< a run, multiply and add counted apart
  double bytes = 0;            ///< a run: every input and the value once, riders' too
  std::int64_t runs = 0;
  double seconds = 0;  ///< of all runs
};

/// Is told of every step when a plan is made (runs is 0) and after each run of it (with `seconds`
/// of that run alone), on the thread that does it.
using StepObserver = std::function<void(const StepProfile& step)>;

/// From now on plans that are made tell `observer`; an empty one ends that. For programs, before
/// they make any plan. Without it, and without PlanOptions::profile, no step is timed.
void observe_steps(StepObserver observer);
const StepObserver& step_observer();

/// What a step computes, nothing timed yet. `stored`: whether its value goes to memory rather than
/// to a sink.
StepProfile describe_step(const graph::Graph& graph, const graph::Node& node, std::int64_t batch,
                          bool stored);

/// Adds what a rider does.
void add_rider(StepProfile& step, const graph::Graph& graph, const graph::Node& rider,
               std::int64_t batch);

}  // namespace rectify::run
