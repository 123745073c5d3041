#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const auto width = static_cast<std::size_t>(c.node.type.shape.back());
  std::size_t first = 0;
  for (std::size_t k = 0; k < c.node.inputs.size(); ++k) {
    const auto part = static_cast<std::size_t>(c.shape(k).back());
    for (std::size_t i = 0; i < c.output.size() / width * part; ++i)
      c.output[i / part * width + first + i % part] = c.in(k)[i % c.in(k).size()];
    first += part;
  }
}

void gradient(Context& c) {
  const auto first = static_cast<std::size_t>(c.node.attributes.integer("first"));
  const auto part = static_cast<std::size_t>(c.node.attributes.integer("size"));
  const auto width = static_cast<std::size_t>(c.shape(0).back());
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = c.in(0)[i / part * width + first + i % part];
}

}  // namespace

std::span<const Loop> concat() {
  static const Loop all[] = {{"concat", forward}, {"concat_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
