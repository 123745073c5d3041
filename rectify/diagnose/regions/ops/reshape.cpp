// Operators that change no number in inference: the shape is another, or noise is switched off.

#include <algorithm>

#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose::ops {

namespace {

void linear(const PieceContext& c, OutputRows out) {
  std::ranges::copy(c.in[0].numbers, out.numbers.begin());
}

/// The first input of a constant only says where in the network it stands.
void constant(const PieceContext& c, OutputRows out) {
  std::ranges::copy(c.in[1].numbers, out.numbers.begin());
}

}  // namespace

std::span<const PieceRule> reshape() {
  static const PieceRule all[] = {{.op = "reshape", .linear = linear},
                                  {.op = "flatten", .linear = linear},
                                  {.op = "dropout", .linear = linear},
                                  {.op = "alpha_dropout", .linear = linear},
                                  {.op = "constant", .linear = constant}};
  return all;
}

}  // namespace rectify::diagnose::ops
