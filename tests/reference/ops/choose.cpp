#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  fill(c, [&](std::int64_t sample, const Index& index) {
    return at(c, at(c, 0, sample, index) != 0 ? 1 : 2, sample, index);
  });
}

}  // namespace

std::span<const Loop> choose() {
  static const Loop all[] = {{"choose", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
