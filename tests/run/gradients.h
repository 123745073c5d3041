#pragma once

// What holds the CPU's values and gradients against the reference, and the reference against
// differences of its own losses.

#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "tests/run/network.h"

namespace rectify::run {

/// Largest distance between the CPU and the reference, of the norm.
inline constexpr double tolerance = 1e-4;

inline void expect_cpu_is_reference(const Network& n, ThreadPool& threads,
                                    const std::string& what) {
  const reference::Values want = run_reference(n);
  const Values got = run_on_cpu(n, threads, true);
  for (const auto& [id, value] : got)
    EXPECT_LE(distance(value, want[id]), tolerance)
        << what << ": " << graph::where(n.graph.node(id)) << " at batch " << n.batch;
  for (const auto& [id, value] : run_on_cpu(n, threads, false))
    EXPECT_LE(distance(value, want[id]), tolerance)
        << what << ", as trained: " << graph::where(n.graph.node(id)) << " at batch " << n.batch;
  EXPECT_EQ(n.gradients.size(), n.graph.all("parameter").size());
}

inline double loss_of(const Network& n, bool training = true) {
  const reference::Values values =
      reference::evaluate(n.graph, n.batch, training, {.seed = 7, .step = 3}, n.given, n.losses);
  double sum = 0;
  for (const NodeId loss : n.losses) sum += values[loss][0];
  return sum;
}

/// (loss(p + h) - loss(p)) / h on both sides of the i-th number of a parameter.
inline std::pair<double, double> one_sided(Network& n, NodeId parameter, std::size_t i, double h,
                                           bool training = true) {
  double& p = n.given[parameter][i];
  const double at = p, here = loss_of(n, training);
  p = at + h;
  const double right = (loss_of(n, training) - here) / h;
  p = at - h;
  const double left = (here - loss_of(n, training)) / h;
  p = at;
  return {left, right};
}

/// Whether differences of the loss in every parameter agree with the gradients. Nothing is said,
/// and `kink` set, where the two sides differ.
inline testing::AssertionResult differences_agree(Network& n, bool& kink, bool training = true) {
  constexpr double h = 1e-5;
  const reference::Values values = run_reference(n, training);
  for (const auto& [parameter, gradient] : n.gradients)
    for (std::size_t i = 0; i < n.given[parameter].size(); ++i) {
      const auto [left, right] = one_sided(n, parameter, i, h, training);
      kink = std::abs(right - left) > 2e-3 * (1 + std::abs(left));
      if (kink) return testing::AssertionSuccess();
      const double want = (left + right) / 2, got = values[gradient][i];
      if (!(std::abs(got - want) <= 1e-6 * (1 + std::abs(want))))
        return testing::AssertionFailure() << n.graph.node(parameter).label << "[" << i
                                           << "]: " << got << " instead of " << want;
    }
  return testing::AssertionSuccess();
}

inline void expect_differences_agree(const std::function<Network(std::uint64_t)>& make,
                                     const std::string& what, bool training = true) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Network n = make(seed);
    bool kink = false;
    const testing::AssertionResult agree = differences_agree(n, kink, training);
    if (kink) continue;
    EXPECT_TRUE(agree) << what;
    return;
  }
  ADD_FAILURE() << what << ": every batch of data meets a kink";
}

}  // namespace rectify::run
