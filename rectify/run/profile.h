#pragma once

#include <cstdint>
#include <functional>

#include "rectify/graph/graph.h"
#include "rectify/run/step.h"

namespace rectify::run {

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

/// Adds what an operator does that is fused with the step's.
void add_fused(StepProfile& step, const graph::Graph& graph, const graph::Node& fused,
               std::int64_t batch);

}  // namespace rectify::run
