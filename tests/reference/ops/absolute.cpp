#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void value(Context& c) {
  for (std::size_t i = 0; i < c.output.size(); ++i) c.output[i] = std::abs(c.in(0)[i]);
}

void gradient(Context& c) {
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = c.in(1)[i] == 0 ? 0 : std::copysign(c.in(0)[i], c.in(0)[i] * c.in(1)[i]);
}

}  // namespace

std::span<const Loop> absolute() {
  static const Loop all[] = {{"absolute", value}, {"absolute_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
