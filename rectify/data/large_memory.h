#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rectify::data {

/// Empties `values` and makes room for `size` of them. Large ones ask for large pages, where the
/// system offers them: fewer page faults while filling, fewer address misses while gathering
/// shuffled rows. Room takes memory only as it is filled.
template <class Value>
void reserve_large(std::vector<Value>& values, std::size_t size) {
  values.clear();
  values.reserve(size);
#if defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
  const auto begin = reinterpret_cast<std::uintptr_t>(values.data());
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t last = (begin + size * sizeof(Value)) / page * page;
  // Advice only: that a system refuses it changes nothing but the speed.
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

/// Makes `values` hold `size` zeros, in large pages as above.
template <class Value>
void resize_large(std::vector<Value>& values, std::size_t size) {
  reserve_large(values, size);
  values.resize(size);
}

}  // namespace rectify::data
