#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// The position in a row of channels, one row a sample, that belongs to element i of `shape`.
std::size_t in_row(const Shape& shape, std::size_t i) {
  const auto sample = static_cast<std::size_t>(shape.size());
  const auto channels = static_cast<std::size_t>(shape.back());
  return i / sample * channels + i % channels;
}

void product(Context& c) {
  const bool row = c.in(0).size() != c.in(1).size();
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = c.in(0)[i] * c.in(1)[row ? in_row(c.shape(0), i) : i];
}

void row_gradient(Context& c) {
  for (std::size_t i = 0; i < c.in(0).size(); ++i)
    c.output[in_row(c.shape(0), i)] += c.in(0)[i] * c.in(1)[i];
}

}  // namespace

std::span<const Loop> multiply() {
  static const Loop all[] = {{"multiply", product}, {"multiply_row_gradient", row_gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
