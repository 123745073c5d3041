#include "rectify/base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/signals_blocked.h"

namespace rectify {

namespace {

// How long an idle thread looks for work before it sleeps. A step of training leaves gaps of a few
// microseconds between its parallel parts; waking a sleeping thread costs more than that.
constexpr int spins_before_sleep = 20000;
// How long the caller waits for the last tiles before it offers its processor to others.
constexpr int spins_before_yield = 1000;

/// Takes the pool for one call, and gives it back when the call ends, however it does.
class Busy {
 public:
  explicit Busy(std::atomic<bool>& flag) : flag_(flag) {
    if (flag_.exchange(true, std::memory_order_acquire))
      fail(
          "a ThreadPool is in use already, by another thread or by the call whose tile this is; "
          "give each thread a pool of its own");
  }
  ~Busy() { flag_.store(false, std::memory_order_release); }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic<bool>& flag_;
};

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
  shares_ = std::make_unique<Share[]>(static_cast<std::size_t>(threads));
  const SignalsBlocked blocked;  // signals are for the program's own threads
  try {
    for (int i = 1; i < threads; ++i)
      workers_.emplace_back([this, i] { worker(static_cast<std::size_t>(i)); });
  } catch (const std::system_error& error) {
    stop();
    fail("could start only ", this->threads(), " of ", threads,
         " threads: ", error.code().message(), "; give a smaller --threads");
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

// Wakes the workers, and waits until they have ended.
void ThreadPool::stop() {
  stop_ = true;
  {
    std::lock_guard lock(mutex_);
    round_.fetch_add(1);
  }
  wake_.notify_all();
  for (std::thread& thread : workers_) thread.join();
}

// Calls all tiles on the calling thread.
void ThreadPool::run_here(std::size_t tiles, Call call, void* context) {
  std::exception_ptr first;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    try {
      call(context, tile, 0);
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

// A thread takes the tiles of its own share first.
void ThreadPool::take_tiles(std::size_t thread) {
  const auto shares = static_cast<std::size_t>(threads());
  for (std::size_t i = 0; i < shares; ++i) take_share((thread + i) % shares, thread);
}

void ThreadPool::take_share(std::size_t share, std::size_t thread) {
  std::atomic<std::uint64_t>& next = shares_[share].ticket;
  const auto is_taken = [](std::uint64_t ticket) { return (ticket & 0xffffffffu) >= ticket >> 32; };
  while (!is_taken(next.load(std::memory_order_relaxed))) {
    const std::uint64_t ticket = next.fetch_add(1, std::memory_order_acq_rel);
    if (is_taken(ticket)) return;
    // While this thread holds a tile, the round cannot end, so call_ and context_ do not change.
    try {
      call_(context_, static_cast<std::size_t>(ticket & 0xffffffffu), thread);
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
    done_.fetch_add(1, std::memory_order_release);
  }
}

void ThreadPool::worker(std::size_t thread) {
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
    seen = round_.load(std::memory_order_acquire);
    if (stop_) return;
    take_tiles(thread);
  }
}

void ThreadPool::dispatch(std::size_t tiles, Call call, void* context) {
  if (workers_.empty() || tiles <= 1) {
    run_here(tiles, call, context);
    return;
  }
  if (tiles >= std::uint64_t{1} << 31) fail("work cannot be cut into ", tiles, " tiles");
  const Busy busy(busy_);
  call_ = call;
  context_ = context;
  done_.store(0, std::memory_order_relaxed);
  const auto shares = static_cast<std::uint64_t>(threads());
  for (std::uint64_t i = 0; i < shares; ++i)
    shares_[i].ticket.store((tiles * (i + 1) / shares) << 32 | tiles * i / shares,
                            std::memory_order_release);
  round_.fetch_add(
      1);  // sequentially consistent, so that a thread about to sleep sees it or is seen
  if (asleep_.load() > 0) {
    { std::lock_guard lock(mutex_); }
    wake_.notify_all();
  }
  take_tiles(0);
  // The caller waits for tiles, not for threads: a thread that was never scheduled has taken no
  // tile. A thread that lost its processor in the middle of a tile gets the caller's.
  for (int spins = 0; done_.load(std::memory_order_acquire) != tiles; ++spins)
    if (spins < spins_before_yield)
      relax();
    else
      std::this_thread::yield();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace rectify
