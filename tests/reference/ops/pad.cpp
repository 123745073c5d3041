#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const std::vector<std::int64_t> before = graph::list_attribute(c.node, "before");
  const std::string& mode = c.node.attributes.word("mode");
  fill(c, [&](std::int64_t sample, Index index) {
    for (std::size_t i = 0; i < index.size(); ++i) {
      const std::int64_t n = c.shape(0)[i];
      std::int64_t& own = index[i];
      own -= before[i];
      if (mode == "constant" && (own < 0 || own >= n)) return c.node.attributes.number("value");
      while (mode == "edge" && own < 0) ++own;
      while (mode == "edge" && own >= n) --own;
      while (mode == "wrap" && own < 0) own += n;
      while (mode == "wrap" && own >= n) own -= n;
      if (mode == "reflect" && own < 0) own = -own;
      if (mode == "reflect" && own >= n) own = 2 * n - 2 - own;
    }
    return at(c, 0, sample, index);
  });
}

}  // namespace

std::span<const Loop> pad() {
  static const Loop all[] = {{"pad", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
