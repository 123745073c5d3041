#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const std::int64_t ids = c.shape(1)[0], units = c.shape(1)[1];
  for (std::size_t i = 0; i < c.in(0).size(); ++i) {
    const double id = c.in(0)[i];
    const bool there = id >= 0 && id < static_cast<double>(ids) &&
                       id == static_cast<double>(static_cast<std::int64_t>(id));
    for (std::int64_t j = 0; j < units; ++j)
      c.output[i * units + j] =
          there ? c.in(1)[static_cast<std::int64_t>(id) * units + j] : __builtin_nan("");
  }
}

void gradient(Context& c) {
  const std::int64_t ids = c.node.type.shape[0], units = c.node.type.shape[1];
  for (std::size_t i = 0; i < c.in(0).size(); ++i) {
    const auto id = static_cast<std::int64_t>(c.in(0)[i]);
    if (id < 0 || id >= ids) continue;
    for (std::int64_t j = 0; j < units; ++j) c.output[id * units + j] += c.in(1)[i * units + j];
  }
}

}  // namespace

std::span<const Loop> embedding() {
  static const Loop all[] = {{"embedding", forward}, {"embedding_weight_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
