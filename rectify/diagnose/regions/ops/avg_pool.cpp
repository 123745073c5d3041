#include "rectify/diagnose/regions/choice.h"

namespace rectify::diagnose::ops {

namespace {

// Padding does not count: at a border the mean is over fewer elements.
void linear(const PieceContext& c, OutputRows out) {
  each_window(c, [&](std::size_t place, std::span<const std::size_t> taps) {
    for (std::size_t term = 0; term < out.terms(); ++term) {
      double sum = 0;
      for (const std::size_t tap : taps) sum += c.in[0].row(term)[tap];
      out.row(term)[place] = sum / static_cast<double>(taps.size());
    }
  });
}

}  // namespace

std::span<const PieceRule> avg_pool() {
  static const PieceRule all[] = {{.op = "avg_pool", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
