#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void copy(Context& c) { c.output = c.in(0); }

}  // namespace

std::span<const Loop> reshape() {
  static const Loop all[] = {{"reshape", copy}, {"flatten", copy}};
  return all;
}

}  // namespace rectify::run::reference::ops
