#include "rectify/diagnose/regions/choice.h"

namespace rectify::diagnose::ops {

namespace {

EachChoice windows_of(const PieceContext& c) {
  return [&c](const auto& visit) { each_window(c, visit); };
}

std::vector<Cell> split(const PieceContext& c, std::size_t limit) {
  return split_choices(c, windows_of(c), limit);
}

void choose(const PieceContext& c, OutputRows out, data::Hash& pattern) {
  choose_largest(c, windows_of(c), out, pattern);
}

}  // namespace

std::span<const PieceRule> max_pool() {
  static const PieceRule all[] = {{.op = "max_pool", .split = split, .choose = choose}};
  return all;
}

}  // namespace rectify::diagnose::ops
