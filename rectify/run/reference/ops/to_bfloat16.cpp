#include "rectify/base/bfloat16.h"
#include "rectify/run/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void round(Context& c) {
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = to_float(rectify::to_bfloat16(static_cast<float>(c.in(0)[i])));
}

}  // namespace

std::span<const Loop> to_bfloat16() {
  static const Loop all[] = {{"to_bfloat16", round}};
  return all;
}

}  // namespace rectify::run::reference::ops
