#pragma once

#include <algorithm>
#include <chrono>

namespace rectify::activation {

/// Nanoseconds of a Clock since `begin`.
template <class Clock> double ns_since(typename Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

/// Keeps the best time of one call over several rounds.
template <class Clock = std::chrono::steady_clock> class Stopwatch {
 public:
  /// Runs `f` for about `budget` nanoseconds, and until one repetition is so long that reading the
  /// clock, which takes some 30 ns, does not matter.
  template <class F> void run(double budget, F f) {
    constexpr double repetition = 10000;
    const typename Clock::time_point begin = Clock::now();
    do {
      const typename Clock::time_point start = Clock::now();
      for (int i = 0; i < calls_; ++i) f();
      const double ns = ns_since<Clock>(start);
      if (ns < repetition / 2 && calls_ < 1 << 16) {
        calls_ *= 2;
      } else {
        best_ = std::min(best_, ns / calls_);
      }
    } while (ns_since<Clock>(begin) < budget || best_ == unknown);
  }
  /// Nanoseconds of a call in the fastest repetition.
  double best() const { return best_; }

 private:
  static constexpr double unknown = 1e300;
  int calls_ = 1;
  double best_ = unknown;
};

}  // namespace rectify::activation
