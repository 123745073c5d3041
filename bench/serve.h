#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>

namespace rectify::bench {

/// Answers requests on standard input, JSON a line, with JSON a line on standard output, until the
/// input ends. What `answer` throws is the reply {"error": ...}. Between requests the process
/// sleeps, so that it can take turns with others.
void serve(const std::function<nlohmann::json(const nlohmann::json&)>& answer);

/// What every server replies to {"do": "time"}: calls step() for a tenth of `seconds` to warm up,
/// then for `seconds`.
struct Timing {
  double seconds = 0;  ///< a step
  long steps = 0;

  nlohmann::json json() const { return {{"seconds", seconds}, {"steps", steps}}; }
};

template <class Step>
Timing time_steps(double seconds, Step step) {
  using Clock = std::chrono::steady_clock;
  const auto run = [&](double least) {
    const Clock::time_point begin = Clock::now();
    Timing timing;
    double passed = 0;
    do {
      step();
      ++timing.steps;
      passed = std::chrono::duration<double>(Clock::now() - begin).count();
    } while (passed < least);
    timing.seconds = passed / static_cast<double>(timing.steps);
    return timing;
  };
  run(seconds / 10);
  return run(seconds);
}

}  // namespace rectify::bench
