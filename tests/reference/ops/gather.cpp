#include <limits>

#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const auto axis = c.node.attributes.integer("axis");
  const auto taken = static_cast<std::int64_t>(c.shape(1).rank());
  fill(c, [&](std::int64_t sample, const Index& index) {
    const Index asked(index.begin() + axis, index.begin() + axis + taken);
    double which = at(c, 1, sample, asked);
    const std::int64_t extent = c.shape(0)[static_cast<std::size_t>(axis)];
    if (which < 0) which += static_cast<double>(extent);
    if (!(which >= 0 && which < static_cast<double>(extent)))
      return std::numeric_limits<double>::quiet_NaN();
    Index from(index.begin(), index.begin() + axis);
    from.push_back(static_cast<std::int64_t>(which));
    from.insert(from.end(), index.begin() + axis + taken, index.end());
    return at(c, 0, sample, from);
  });
}

}  // namespace

std::span<const Loop> gather() {
  static const Loop all[] = {{"gather", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
