#include <algorithm>
#include <cmath>

#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose::ops {

namespace {

/// In inference these are the running numbers: mean and variance one after the other.
void statistics(const PieceContext& c, OutputRows out) {
  const auto end = std::ranges::copy(c.in[1].numbers, out.numbers.begin()).out;
  std::ranges::copy(c.in[2].numbers, end);
}

void linear(const PieceContext& c, OutputRows out) {
  const std::size_t channels = c.in[1].width / 2;
  const std::span<const double> statistics = c.in[1].numbers;
  const double epsilon = c.node.attributes.number("epsilon");
  const bool affine = c.in.size() > 2;
  for (std::size_t term = 0; term < out.terms(); ++term)
    for (std::size_t i = 0; i < out.width; ++i) {
      const std::size_t channel = i % channels;
      const double factor = (affine ? c.in[2].numbers[channel] : 1) /
                            std::sqrt(statistics[channels + channel] + epsilon);
      const double x = c.in[0].row(term)[i];
      out.row(term)[i] =
          term > 0 ? x * factor
                   : (x - statistics[channel]) * factor + (affine ? c.in[3].numbers[channel] : 0);
    }
}

}  // namespace

std::span<const PieceRule> batch_norm() {
  static const PieceRule all[] = {{.op = "batch_norm_statistics", .linear = statistics},
                                  {.op = "batch_norm", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
