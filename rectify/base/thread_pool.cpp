#include "rectify/base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <utility>

#include "rectify/base/error.h"

namespace rectify {

namespace {

// How long an idle thread looks for work before it sleeps. A step of training leaves gaps of a few
// microseconds between its parallel parts; waking a sleeping thread costs more than that.
constexpr int spins_before_sleep = 20000;

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

int available_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

ThreadPool::ThreadPool(int threads) {
  if (threads < 0 || threads > 1024) fail("threads must be between 0 and 1024, not ", threads);
  if (threads == 0) threads = available_processors();
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { worker(); });
}

ThreadPool::~ThreadPool() {
  stop_ = true;
  {
    std::lock_guard lock(mutex_);
    round_.fetch_add(1);
  }
  wake_.notify_all();
  for (std::thread& thread : workers_) thread.join();
}

void ThreadPool::take_tiles() {
  for (std::size_t tile; (tile = next_.fetch_add(1, std::memory_order_relaxed)) < tiles_;) {
    try {
      call_(context_, tile);
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }
}

void ThreadPool::worker() {
  std::uint64_t seen = 0;
  while (true) {
    int spins = 0;
    while (round_.load(std::memory_order_acquire) == seen) {
      relax();
      if (++spins < spins_before_sleep) continue;
      std::unique_lock lock(mutex_);
      asleep_.fetch_add(1);
      wake_.wait(lock, [&] { return round_.load() != seen; });
      asleep_.fetch_sub(1);
    }
    ++seen;
    if (stop_) return;
    take_tiles();
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

void ThreadPool::dispatch(std::size_t tiles, Call call, void* context) {
  if (workers_.empty() || tiles <= 1) {
    for (std::size_t tile = 0; tile < tiles; ++tile) call(context, tile);
    return;
  }
  call_ = call;
  context_ = context;
  tiles_ = tiles;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(workers_.size(), std::memory_order_relaxed);
  round_.fetch_add(
      1);  // sequentially consistent, so that a thread about to sleep sees it or is seen
  if (asleep_.load() > 0) {
    { std::lock_guard lock(mutex_); }
    wake_.notify_all();
  }
  take_tiles();
  int spins = 0;
  while (busy_.load(std::memory_order_acquire) != 0) {
    // With more threads than processors the last worker may be waiting for ours.
    if (++spins % 4096 == 0) std::this_thread::yield();
    relax();
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace rectify
