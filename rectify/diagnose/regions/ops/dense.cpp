#include "rectify/diagnose/regions/piece_rule.h"
#include "rectify/diagnose/regions/products.h"

namespace rectify::diagnose::ops {

namespace {

// Each place of a sequence goes through the same weights.
void linear(const PieceContext& c, OutputRows out) {
  const auto inputs = static_cast<std::size_t>(c.shape(1)[0]),
             units = static_cast<std::size_t>(c.shape(1)[1]);
  for (std::size_t term = 0; term < out.terms(); ++term) {
    const std::span<const double> x = c.in[0].row(term);
    const std::span<double> y = out.row(term);
    for (std::size_t place = 0; place < x.size() / inputs; ++place) {
      double* to = y.data() + place * units;
      if (term == 0 && c.in.size() > 2)
        for (std::size_t o = 0; o < units; ++o) to[o] = c.in[2].numbers[o];
      products().add(x.data() + place * inputs, inputs, c.in[1].numbers.data(), units, units, to);
    }
  }
}

}  // namespace

std::span<const PieceRule> dense() {
  static const PieceRule all[] = {{.op = "dense", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
