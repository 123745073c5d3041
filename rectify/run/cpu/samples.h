#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rectify/graph/lists.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu {

/// How many samples a node's value has: 1 where it has no batch.
inline std::size_t samples_of(const Lowering& l) {
  return static_cast<std::size_t>(l.node.type.per_sample ? l.batch : 1);
}

/// How far apart the samples of the i-th input are: 0 where all samples share it.
inline std::size_t sample_stride(const Lowering& l, std::size_t i) {
  const Type& type = l.graph.input(l.node, i).type;
  return type.per_sample ? static_cast<std::size_t>(type.shape.size()) : 0;
}

/// Where the rows of a value begin in another one: a row is the last axis of `shape`, and `strides`
/// say how far apart elements along each axis are there.
class RowStarts {
 public:
  RowStarts(const Shape& shape, std::vector<std::int64_t> strides)
      : extents_(shape.extents()), strides_(std::move(strides)) {
    step = static_cast<std::ptrdiff_t>(strides_.empty() ? 0 : strides_.back());
    width = static_cast<std::size_t>(extents_.empty() ? 1 : extents_.back());
  }

  std::ptrdiff_t step;  ///< from element to element of a row
  std::size_t width;    ///< elements of a row

  /// Where row `row` begins.
  std::ptrdiff_t at(std::size_t row) const {
    std::ptrdiff_t start = 0;
    for (std::size_t i = extents_.size(); i-- > 1;) {
      const auto extent = static_cast<std::size_t>(extents_[i - 1]);
      start +=
          static_cast<std::ptrdiff_t>(row % extent) * static_cast<std::ptrdiff_t>(strides_[i - 1]);
      row /= extent;
    }
    return start;
  }

 private:
  std::vector<std::int64_t> extents_, strides_;
};

}  // namespace rectify::run::cpu
