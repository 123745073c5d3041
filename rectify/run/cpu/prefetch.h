#pragma once

#include <cstddef>
#include <cstdint>

namespace rectify::run::cpu {

/// A stretch of memory that will soon be read or written. Computing that goes through memory in no
/// simple order waits for it; asked for bit by bit between other work, it is there in time.
struct Stretch {
  const std::byte* begin = nullptr;
  std::int64_t bytes = 0;

  /// Asks for the i-th of so many parts of it, to be in the second cache, and does not wait.
  void prefetch(std::int64_t i, std::int64_t parts) const {
    constexpr std::int64_t line = 64;
    const std::int64_t lines = (bytes + line - 1) / line;
    for (std::int64_t at = lines * i / parts; at < lines * (i + 1) / parts; ++at)
      __builtin_prefetch(begin + at * line, 0, 2);
  }
};

}  // namespace rectify::run::cpu
