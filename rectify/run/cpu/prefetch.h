#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rectify::run::cpu {

/// A stretch of memory.
struct Stretch {
  const std::byte* begin = nullptr;
  std::int64_t bytes = 0;
};

/// Memory that will soon be read or written. Computing that goes through memory in no simple order
/// waits for it; prefetched part by part between other work, it is there in time.
class PrefetchQueue {
 public:
  /// More stretches than there is room for are left out.
  void add(const Stretch& stretch) {
    if (count_ < all_.size()) all_[count_++] = stretch;
  }

  /// Prefetches the i-th of so many parts of each stretch into the second cache, and does not wait.
  /// (Always inlined: GCC 12 takes a function that only does this for one that does nothing, and
  /// leaves out calls of it.)
  [[gnu::always_inline]] void prefetch(std::int64_t i, std::int64_t parts) const {
    constexpr std::int64_t line = 64;
    for (std::size_t k = 0; k < count_; ++k) {
      const std::int64_t lines = (all_[k].bytes + line - 1) / line;
      for (std::int64_t at = lines * i / parts; at < lines * (i + 1) / parts; ++at)
        __builtin_prefetch(all_[k].begin + at * line, 0, 2);
    }
  }

 private:
  std::array<Stretch, 8> all_;
  std::size_t count_ = 0;
};

}  // namespace rectify::run::cpu
