#include "rectify/activation/cost.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "rectify/activation/kernels.h"
#include "rectify/activation/stopwatch.h"

namespace rectify::activation {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t elements = 4096;

/// Nanoseconds for a chain of `adds` additions, each of which waits for the one before it.
double chain_ns(int adds) {
  std::uint64_t sum = 0, term = 1;
  // The compiler does not know the value of this register. Recent processors remove additions of
  // constants before they execute them.
  asm volatile("" : "+r"(term));
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < adds; i += 16) {
#pragma GCC unroll 16
    for (int j = 0; j < 16; ++j) {
      sum += term;
      asm volatile("" : "+r"(sum));
    }
  }
  return ns_since<Clock>(begin);
}

}  // namespace

double cycle_ns() {
  constexpr int adds = 1 << 14;
  double best = chain_ns(adds);
  for (int i = 0; i < 100; ++i) best = std::min(best, chain_ns(adds));
  return best / adds;
}

Cost measure_cost(const Row& row, const Parameters& p) {
  std::vector<float> x(elements), y(elements), dy(elements), dx(elements);
  for (std::size_t i = 0; i < elements; ++i) {
    // The values are spread evenly over [-4, 4] but out of order, so that no branch can be
    // predicted.
    const std::size_t scattered = i * 2654435761u % elements;
    x[i] = 8 * (static_cast<float>(scattered) + 0.5f) / elements - 4;
    dy[i] = 0.5f + static_cast<float>(i) / elements;
  }
  const Kernels& loops = kernels(row);
  const Backward backward = backward_of_saved(row, p);
  const float* saved = row.from_output(p) ? y.data() : x.data();
  Stopwatch<Clock> forward_watch, backward_watch;
  double cycle = 1e300;
  constexpr int rounds = 8;  // so that all three are measured in the same conditions
  constexpr double budget = 1e6;
  for (int round = 0; round < rounds; ++round) {
    forward_watch.run(budget, [&] { loops.forward(x.data(), y.data(), elements, p); });
    backward_watch.run(budget, [&] { backward(saved, dy.data(), dx.data(), elements, p); });
    constexpr int adds = 1 << 14;
    for (int i = 0; i < 50; ++i) cycle = std::min(cycle, chain_ns(adds) / adds);
  }
  Cost cost = {};
  cost.forward_ns = forward_watch.best() / elements;
  cost.backward_ns = backward_watch.best() / elements;
  cost.forward_cycles = cost.forward_ns / cycle;
  cost.backward_cycles = cost.backward_ns / cycle;
  return cost;
}

}  // namespace rectify::activation
