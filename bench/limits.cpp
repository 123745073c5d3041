// What the machine can do at most, for bench/speed.py to hold the figures against. Requests and
// replies are JSON, a line each:
//
//   {"do": "about"}                              the loops, the sizes of the caches
//   {"do": "peak", "precision": "fp32", "seconds": S, "threads": N}   operations a second
//   {"do": "bandwidth", "seconds": S}            bytes read a second by all threads, by level
//   {"do": "cycles", "seconds": S}               cycles an element of operations on floats

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "bench/cycles.h"
#include "bench/serve.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"
#include "rectify/lab/bandwidth.h"
#include "rectify/lab/peak.h"
#include "rectify/tensor/buffer.h"

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
  for (const lab::PeakLoop& loop : lab::peak_loops()) {
    if (name_of(loop.precision) != precision) continue;
    const double found = rate(threads ? threads : available_processors(), request.at("seconds"),
                              [&](int) { return loop.run(10000); });
    if (found > best["rate"]) best = {{"rate", found}, {"instructions", loop.name}};
  }
  return best;
}

/// Reading half of what each level holds, again and again; memory: four times the last level.
json bandwidth(const json& request) {
  const long level[] = {sysconf(_SC_LEVEL1_DCACHE_SIZE), sysconf(_SC_LEVEL2_CACHE_SIZE),
                        sysconf(_SC_LEVEL3_CACHE_SIZE)};
  const int threads = available_processors();
  json found = json::object();
  const auto measure = [&](const std::string& name, std::size_t bytes) {
    const std::size_t floats = bytes / sizeof(float) / 256 * 256;
    if (floats == 0) return;
    std::vector<Buffer> arrays;
    for (int t = 0; t < threads; ++t) arrays.emplace_back(floats);
    // What was never written is one page of zeros, which a cache would hold.
    for (Buffer& array : arrays) std::ranges::fill(array.span(), 1.0f);
    const double rate_found = rate(threads, request.at("seconds"), [&](int t) {
      volatile float sink = lab::read_floats(arrays[static_cast<std::size_t>(t)].data(), floats);
      static_cast<void>(sink);
      return static_cast<double>(floats * sizeof(float));
    });
    found[name] = {{"bytes a thread", floats * sizeof(float)}, {"rate", rate_found}};
  };
  measure("first cache", static_cast<std::size_t>(std::max(0L, level[0])) / 2);
  measure("second cache", static_cast<std::size_t>(std::max(0L, level[1])) / 2);
  // The last cache is all threads' together, and may be a machine's that others use too.
  const auto last = static_cast<std::size_t>(std::max(0L, level[2]));
  measure("third cache",
          std::min<std::size_t>(last / 4, 16 << 20) / static_cast<std::size_t>(threads));
  constexpr std::size_t most = std::size_t{1} << 30;
  measure("memory", std::min(most, std::max<std::size_t>(4 * last, 64 << 20)) /
                        static_cast<std::size_t>(threads));
  return found;
}

/// Each operation beside a chain of integer additions, which take a cycle each, so that the clock
/// may change its rate.
json cycles(const json& request) {
  const double seconds = request.at("seconds");
  json found = json::array();
  for (const Operation& operation : operations()) {
    double done = 0;
    const double taken = time_steps(seconds, [&] { done = operation.run(1000); }).seconds;
    const double cycle = time_steps(seconds / 2, [] { wait_cycles(10000); }).seconds / 10000;
    found.push_back({{"operation", operation.name},
                     {"way", operation.way},
                     {"cycles", taken / done / cycle},
                     {"gigahertz", 1e-9 / cycle}});
  }
  return found;
}

json about() {
  json loops = json::array();
  for (const lab::PeakLoop& loop : lab::peak_loops())
    loops.push_back({name_of(loop.precision), loop.name});
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
  if (what == "bandwidth") return bandwidth(request);
  if (what == "cycles") return {{"operations", cycles(request)}};
  fail("what is '", what, "'?");
}

}  // namespace
}  // namespace rectify::bench

int main() { rectify::bench::serve(rectify::bench::answer); }
