// What the machine can do at most, for bench/speed.py to hold the figures against. Requests and
// replies are JSON, a line each:
//
//   {"do": "about"}                              the loops, the sizes of the caches
//   {"do": "peak", "precision": "fp32", "seconds": S, "threads": N}   operations a second

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "bench/peak.h"
#include "bench/serve.h"
#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"

namespace rectify::bench {
namespace {

using nlohmann::json;

/// The sum of what `threads` threads reach side by side, each calling work(thread), which returns
/// what it did in a call, for `seconds`; the units of work a second.
template <class Work>
double rate(int threads, double seconds, Work work) {
  std::vector<double> rates(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  std::atomic<int> waiting{threads};
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      double done = 0;
      time_steps(seconds / 2, [&] { done = work(t); });
      const Timing timing = time_steps(seconds, [&] { work(t); });
      rates[static_cast<std::size_t>(t)] = done / timing.seconds;
    });
  }
  double sum = 0;
  for (std::thread& thread : running) thread.join();
  for (const double r : rates) sum += r;
  return sum;
}

json peak(const json& request) {
  const std::string precision = request.at("precision");
  const int threads = request.value("threads", 0);
  json best = {{"rate", 0.0}};
  for (const PeakLoop& loop : peak_loops()) {
    if (loop.precision != precision) continue;
    const double found = rate(threads ? threads : available_processors(), request.at("seconds"),
                              [&](int) { return loop.run(10000); });
    if (found > best["rate"]) best = {{"rate", found}, {"instructions", loop.name}};
  }
  return best;
}

json about() {
  json loops = json::array();
  for (const PeakLoop& loop : peak_loops()) loops.push_back({loop.precision, loop.name});
  return {{"loops", loops},
          {"threads", available_processors()},
          {"caches",
           {sysconf(_SC_LEVEL1_DCACHE_SIZE), sysconf(_SC_LEVEL2_CACHE_SIZE),
            sysconf(_SC_LEVEL3_CACHE_SIZE)}}};
}

json answer(const json& request) {
  const std::string what = request.at("do");
  if (what == "about") return about();
  if (what == "peak") return peak(request);
  fail("what is '", what, "'?");
}

}  // namespace
}  // namespace rectify::bench

int main() { rectify::bench::serve(rectify::bench::answer); }
