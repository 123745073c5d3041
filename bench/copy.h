#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace rectify::bench {

/// A way to copy n floats; what memory can give, to hold the cheap rows against.
struct Copy {
  std::string_view name;
  void (*run)(const float* from, float* to, std::size_t n);
};

/// memcpy, plain vector stores, and stores that go past the caches, as far as this processor can.
std::vector<Copy> copies();

}  // namespace rectify::bench
