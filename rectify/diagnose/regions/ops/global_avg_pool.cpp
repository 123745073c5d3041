#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose::ops {

namespace {

void linear(const PieceContext& c, OutputRows out) {
  const std::size_t channels = out.width;
  const double places = static_cast<double>(c.in[0].width / channels);
  for (std::size_t term = 0; term < out.terms(); ++term) {
    for (std::size_t i = 0; i < c.in[0].width; ++i)
      out.row(term)[i % channels] += c.in[0].row(term)[i];
    for (double& sum : out.row(term)) sum /= places;
  }
}

}  // namespace

std::span<const PieceRule> global_avg_pool() {
  static const PieceRule all[] = {{.op = "global_avg_pool", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
