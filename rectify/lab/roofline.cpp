#include "rectify/lab/roofline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

#include "rectify/lab/bandwidth.h"
#include "rectify/lab/peak.h"
#include "rectify/tensor/buffer.h"

namespace rectify::lab {

namespace {

using Clock = std::chrono::steady_clock;

/// Units a second: the best of several rounds, in each of which all threads call work(thread) at
/// once. work() returns the units that it did.
template <class Work>
double best_rate(ThreadPool& threads, Work work) {
  const auto count = static_cast<std::size_t>(threads.threads());
  std::vector<double> done(count);
  double best = 0;
  for (int turn = 0; turn < 5; ++turn) {
    const auto begin = Clock::now();
    threads.run(count, [&](std::size_t tile) { done[tile] = work(tile); });
    const double taken = std::chrono::duration<double>(Clock::now() - begin).count();
    double sum = 0;
    for (const double d : done) sum += d;
    best = std::max(best, sum / taken);
  }
  return best;
}

}  // namespace

double Roofline::seconds(double flops_done, double bytes_moved) const {
  return std::max(flops > 0 ? flops_done / flops : 0, bytes > 0 ? bytes_moved / bytes : 0);
}

Roofline measure_roofline(train::Precision precision, ThreadPool& threads) {
  Roofline roofline;
  for (const PeakLoop& loop : peak_loops())
    if (loop.precision == precision)
      roofline.flops = std::max(roofline.flops,
                                best_rate(threads, [&](std::size_t) { return loop.run(200000); }));
  constexpr std::size_t floats = std::size_t{1} << 24;
  std::vector<Buffer> arrays;
  for (int t = 0; t < threads.threads(); ++t) arrays.emplace_back(floats);
  // Memory that was never written is a single page of zeros, which a cache would hold.
  for (Buffer& array : arrays) std::ranges::fill(array.span(), 1.0f);
  std::atomic<float> unused{0};
  roofline.bytes = best_rate(threads, [&](std::size_t i) {
    unused = read_floats(arrays[i].data(), floats);
    return static_cast<double>(floats * sizeof(float));
  });
  return roofline;
}

}  // namespace rectify::lab
