#pragma once

#include <functional>
#include <vector>

#include "rectify/graph/lists.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference {

using Index = std::vector<std::int64_t>;

/// Calls visit(index) for every index of a shape, in row-major order.
inline void each_index(const Shape& shape, const std::function<void(const Index&)>& visit) {
  Index index(shape.rank(), 0);
  for (std::int64_t n = 0; n < shape.size(); ++n) {
    visit(index);
    for (std::size_t i = shape.rank(); i-- > 0;) {
      if (++index[i] < shape[i]) break;
      index[i] = 0;
    }
  }
}

/// The element of sample `sample` of input k at `index`, which counts its axes from the last one;
/// along an axis of extent 1 there is one element for all.
inline double at(const Context& c, std::size_t k, std::int64_t sample, const Index& index) {
  const Shape& shape = c.shape(k);
  std::int64_t position = 0;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const std::int64_t own = index[index.size() - shape.rank() + i];
    position = position * shape[i] + (shape[i] == 1 ? 0 : own);
  }
  if (c.graph.input(c.node, k).type.per_sample) position += sample * shape.size();
  return c.in(k)[static_cast<std::size_t>(position)];
}

/// Sets every element of the value: y(sample, index).
inline void fill(Context& c, const std::function<double(std::int64_t, const Index&)>& y) {
  std::size_t next = 0;
  for (std::int64_t sample = 0; next < c.output.size(); ++sample)
    each_index(c.node.type.shape, [&](const Index& index) { c.output[next++] = y(sample, index); });
}

}  // namespace rectify::run::reference
