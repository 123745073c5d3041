#include "rectify/activation/cost.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "rectify/activation/kernels.h"

namespace rectify::activation {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t elements = 4096;

double ns_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

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
  return ns_since(begin);
}

/// Keeps the best time of one call over several rounds.
class Stopwatch {
 public:
  /// Runs `f` for about `budget` nanoseconds. One repetition is so long that reading the clock,
  /// which takes some 30 ns, does not matter.
  template <class F> void run(double budget, F f) {
    constexpr double repetition = 10000;
    const Clock::time_point begin = Clock::now();
    do {
      const Clock::time_point start = Clock::now();
      for (int i = 0; i < calls_; ++i) f();
      const double ns = ns_since(start);
      if (ns < repetition / 2 && calls_ < 1 << 16) {
        calls_ *= 2;
      } else {
        best_ = std::min(best_, ns / calls_);
      }
    } while (ns_since(begin) < budget || best_ == unknown);
  }
  double best() const { return best_; }

 private:
  static constexpr double unknown = 1e300;
  int calls_ = 1;
  double best_ = unknown;
};

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
  Stopwatch forward_watch, backward_watch;
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
