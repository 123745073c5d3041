#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void copy(Context& c) { c.output = c.in(0); }

}  // namespace

std::span<const Loop> to_float32() {
  static const Loop all[] = {{"to_float32", copy}};
  return all;
}

}  // namespace rectify::run::reference::ops
