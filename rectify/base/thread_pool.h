#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace rectify {

/// Runs work that has been cut into tiles on several threads.
///
///     ThreadPool pool;  // one thread for each processor
///     std::vector<double> squares(1000);
///     pool.run(squares.size(), [&](std::size_t tile) { squares[tile] = double(tile * tile); });
///
/// The caller is one of the threads, so a pool of one thread starts none. Each thread begins with
/// an equal share of consecutive tiles, and takes the same share in every round, so that it finds
/// its data in its own cache. When its share is done, it takes tiles from the other shares.
///
/// Which thread runs a tile is therefore not fixed. The result of a tile must not depend on its
/// thread; then all results are the same bits for any number of threads.
class ThreadPool {
 public:
  /// A pool of `threads` >= 1 threads, the caller included; 0 means one for each processor that the
  /// process may use. Throws Error when that many threads cannot be started.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls work(tile), or work(tile, thread), once for each tile in [0, tiles), and returns when
  /// all calls are done; `thread` is in [0, threads()). If tiles throw, the first exception is
  /// thrown here after all others have finished. Must not be called from inside a tile, nor from
  /// two threads at once: throws Error, and leaves the running call alone, where that would be
  /// harmful. A single tile, and all tiles of a pool of one thread, run on the caller alone, which
  /// harms nobody and is let pass.
  template <class Work>
  void run(std::size_t tiles, Work&& work) {
    using Plain = std::remove_reference_t<Work>;
    dispatch(
        tiles,
        [](void* context, std::size_t tile, [[maybe_unused]] std::size_t thread) {
          if constexpr (std::is_invocable_v<Plain&, std::size_t, std::size_t>) {
            (*static_cast<Plain*>(context))(tile, thread);
          } else {
            (*static_cast<Plain*>(context))(tile);
          }
        },
        const_cast<void*>(static_cast<const void*>(&work)));
  }

 private:
  using Call = void (*)(void* context, std::size_t tile, std::size_t thread);

  void dispatch(std::size_t tiles, Call call, void* context);
  static void run_here(std::size_t tiles, Call call, void* context);
  void take_tiles(std::size_t thread);
  void take_share(std::size_t share, std::size_t thread);
  void worker(std::size_t thread);
  void stop();

  std::vector<std::thread> workers_;
  Call call_ = nullptr;
  void* context_ = nullptr;
  // The tiles of one thread's share that are still to be taken. The high half of the ticket is the
  // end of the share, the low half is the next tile. A thread that comes late to a finished round
  // sees in the tickets that nothing is left, and touches nothing else.
  struct alignas(64) Share {
    std::atomic<std::uint64_t> ticket{0};
  };
  std::unique_ptr<Share[]> shares_;
  alignas(64) std::atomic<std::size_t> done_{0};
  std::atomic<bool> busy_{false};  ///< whether a call has been dealt out; beside done_, not round_
  alignas(64) std::atomic<std::uint64_t> round_{0};
  std::atomic<bool> stop_{false};
  std::atomic<int> asleep_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::exception_ptr error_;
};

/// The number of processors that this process may run on, at least 1.
int available_processors();

}  // namespace rectify
