#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose::ops {

namespace {

void linear(const PieceContext& c, OutputRows out) {
  for (std::size_t i = 0; i < out.numbers.size(); ++i)
    out.numbers[i] = c.in[0].numbers[i] + c.in[1].numbers[i];
}

}  // namespace

std::span<const PieceRule> add() {
  static const PieceRule all[] = {{.op = "add", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
