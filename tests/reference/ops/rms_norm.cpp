#include "tests/reference/row_norm.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) { normalise_rows(c, false); }
void gradient(Context& c) { gradient_of_rows(c, false); }
void sums(Context& c) { sums_of_rows(c, false); }

}  // namespace

std::span<const Loop> rms_norm() {
  static const Loop all[] = {
      {"rms_norm", forward}, {"rms_norm_gradient", gradient}, {"rms_norm_scale_gradient", sums}};
  return all;
}

}  // namespace rectify::run::reference::ops
