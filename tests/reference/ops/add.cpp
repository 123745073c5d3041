#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void sum(Context& c) {
  for (std::size_t i = 0; i < c.output.size(); ++i) c.output[i] = c.in(0)[i] + c.in(1)[i];
}

}  // namespace

std::span<const Loop> add() {
  static const Loop all[] = {{"add", sum}};
  return all;
}

}  // namespace rectify::run::reference::ops
