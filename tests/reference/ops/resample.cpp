#include <algorithm>
#include <cmath>
#include <string>

#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

double place(const graph::Attributes& how, double j, double n, double m) {
  const std::string& by = how.word("coordinates");
  if (by == "align_corners") return m == 1 ? 0 : j * (n - 1) / (m - 1);
  if (by == "asymmetric") return j / how.number("scale");
  if (by == "pytorch_half_pixel" && m == 1) return 0;
  return (j + 0.5) / how.number("scale") - 0.5;
}

/// How much an element counts that lies so far behind the place.
double weight(const graph::Attributes& how, double off, double place) {
  const std::string &mode = how.word("mode"), &rounding = how.word("rounding");
  if (mode == "linear") return std::max(0.0, 1 - std::abs(off));
  const double a = how.number("cubic"), d = std::abs(off);
  if (mode == "cubic" && d <= 1) return (a + 2) * d * d * d - (a + 3) * d * d + 1;
  if (mode == "cubic") return d < 2 ? a * (d * d * d - 5 * d * d + 8 * d - 4) : 0;
  double taken = std::floor(place);
  const double part = place - taken;
  if (rounding == "ceil" && part > 0) ++taken;
  if (rounding == "round_prefer_floor" && part > 0.5) ++taken;
  if (rounding == "round_prefer_ceil" && part >= 0.5) ++taken;
  return place + off == taken ? 1 : 0;
}

void forward(Context& c) {
  const graph::Attributes& how = c.node.attributes;
  const auto axis = static_cast<std::size_t>(how.integer("axis"));
  const std::int64_t n = c.shape(0)[axis], m = c.node.type.shape[axis];
  fill(c, [&](std::int64_t sample, Index index) {
    const double to = place(how, static_cast<double>(index[axis]), static_cast<double>(n),
                            static_cast<double>(m));
    double sum = 0;
    for (std::int64_t i = static_cast<std::int64_t>(std::floor(to)) - 2; i <= std::floor(to) + 3;
         ++i) {
      index[axis] = std::clamp<std::int64_t>(i, 0, n - 1);
      sum += weight(how, static_cast<double>(i) - to, to) * at(c, 0, sample, index);
    }
    return sum;
  });
}

}  // namespace

std::span<const Loop> resample() {
  static const Loop all[] = {{"resample", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
