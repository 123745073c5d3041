#include <algorithm>

#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose::ops {

namespace {

// An input that is the same for every sample has no slopes.
void linear(const PieceContext& c, OutputRows out) {
  const auto last = static_cast<std::size_t>(c.node.type.shape.back());
  std::size_t first = 0;
  for (std::size_t k = 0; k < c.in.size(); ++k) {
    const auto part = static_cast<std::size_t>(c.shape(k).back());
    for (std::size_t term = 0; term < std::min(c.in[k].terms(), out.terms()); ++term)
      for (std::size_t i = 0; i < c.in[k].width; ++i)
        out.row(term)[i / part * last + first + i % part] = c.in[k].row(term)[i];
    first += part;
  }
}

}  // namespace

std::span<const PieceRule> concat() {
  static const PieceRule all[] = {{.op = "concat", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
