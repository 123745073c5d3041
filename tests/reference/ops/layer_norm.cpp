#include "tests/reference/row_norm.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) { normalise_rows(c, true); }
void gradient(Context& c) { gradient_of_rows(c, true); }
void sums(Context& c) { sums_of_rows(c, true); }

}  // namespace

std::span<const Loop> layer_norm() {
  static const Loop all[] = {
      {"layer_norm", forward}, {"layer_norm_gradient", gradient}, {"layer_norm_sums", sums}};
  return all;
}

}  // namespace rectify::run::reference::ops
