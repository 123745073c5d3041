#include "rectify/graph/positions.h"

#include <algorithm>

#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose::ops {

namespace {

void linear(const PieceContext& c, OutputRows out) {
  std::ranges::copy(c.in[0].numbers, out.numbers.begin());
  const std::int64_t channels = c.node.type.shape.back();
  for (std::size_t i = 0; i < out.width; ++i) {
    const auto place = static_cast<std::int64_t>(i);
    out.row(0)[i] += c.in.size() > 1
                         ? c.in[1].numbers[i]
                         : graph::sinusoid(place / channels, place % channels, channels);
  }
}

}  // namespace

std::span<const PieceRule> positions() {
  static const PieceRule all[] = {{.op = "positions", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
