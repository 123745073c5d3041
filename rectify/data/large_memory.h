#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rectify::data {

/// Empties `values` and reserves memory for `size` of them. Large vectors ask for huge pages, where
/// the system offers them: this causes fewer page faults when they are filled, and fewer TLB misses
/// when shuffled samples are gathered. The pages take memory only when they are filled.
template <class Value>
void reserve_large(std::vector<Value>& values, std::size_t size) {
  values.clear();
  values.reserve(size);
#if defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
  const auto begin = reinterpret_cast<std::uintptr_t>(values.data());
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t last = (begin + size * sizeof(Value)) / page * page;
  // This is advice only: if the system refuses it, only the speed changes.
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

/// Makes `values` hold `size` zeros, in huge pages as above.
template <class Value>
void resize_large(std::vector<Value>& values, std::size_t size) {
  reserve_large(values, size);
  values.resize(size);
}

}  // namespace rectify::data
