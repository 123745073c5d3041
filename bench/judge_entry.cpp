// The judge as a C library, so that a Python program can hold PyTorch's results against the same
// definition on the same inputs (against/pytorch_accuracy.py). Built with the benchmarks alone.

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "bench/judge.h"
#include "rectify/base/thread_pool.h"

namespace {

constexpr std::size_t chunk = 1 << 14;

struct Session {
  rectify::bench::Judge judge;
  rectify::bench::Points points;
  rectify::bench::Verdict verdict;
  rectify::ThreadPool threads;
  std::string text;
};

template <class Work>
void in_chunks(Session& s, std::size_t n, Work work) {
  s.threads.run((n + chunk - 1) / chunk, [&](std::size_t tile) {
    const std::size_t first = tile * chunk;
    work(first, std::min(chunk, n - first));
  });
}

}  // namespace

extern "C" {

/// Null when there is no such row. `all`: every float; otherwise `stratified` points.
void* rectify_judge_open(const char* row, int slope, int all, std::uint64_t stratified,
                         int threads) {
  using rectify::bench::Kind;
  const auto* found = rectify::activation::find_or_null(row);
  if (!found) return nullptr;
  return new Session{rectify::bench::Judge(*found, slope ? Kind::slope : Kind::value),
                     {all != 0, stratified},
                     {},
                     rectify::ThreadPool(threads),
                     {}};
}

/// Inputs first ... first + n - 1 of the sweep.
void rectify_judge_points(void* session, std::uint64_t first, std::uint64_t n, float* x) {
  auto& s = *static_cast<Session*>(session);
  in_chunks(s, n, [&](std::size_t i, std::size_t m) { s.points.fill(first + i, m, x + i); });
}

/// Adds results to what is judged.
void rectify_judge_hold(void* session, const float* x, const float* got, std::uint64_t n) {
  auto& s = *static_cast<Session*>(session);
  std::mutex mutex;
  in_chunks(s, n, [&](std::size_t i, std::size_t m) {
    thread_local std::vector<double> want(chunk);
    thread_local std::vector<float> nearest(chunk);
    rectify::bench::Verdict verdict;
    s.judge.expect(x + i, m, want.data(), nearest.data());
    s.judge.hold(x + i, want.data(), nearest.data(), got + i, m, verdict);
    const std::lock_guard lock(mutex);
    s.verdict.add(verdict);
  });
}

/// The verdict so far as JSON; the text lives until the session closes.
const char* rectify_judge_verdict(void* session) {
  auto& s = *static_cast<Session*>(session);
  s.text = s.verdict.json().dump();
  return s.text.c_str();
}

void rectify_judge_close(void* session) { delete static_cast<Session*>(session); }
}
