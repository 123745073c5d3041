#include "rectify/diagnose/regions/choice.h"

namespace rectify::diagnose::ops {

namespace {

/// y[j] = max over i of x[i n + j], for each place of a sequence.
EachChoice pieces_of(const PieceContext& c) {
  return [&c](const auto& visit) {
    const auto pieces = static_cast<std::size_t>(c.node.attributes.integer("pieces"));
    const auto n = static_cast<std::size_t>(c.node.type.shape.back());
    const auto width = static_cast<std::size_t>(c.node.type.shape.size());
    std::vector<std::size_t> elements(pieces);
    for (std::size_t place = 0; place < width; ++place) {
      for (std::size_t i = 0; i < pieces; ++i)
        elements[i] = place / n * n * pieces + i * n + place % n;
      visit(place, elements);
    }
  };
}

std::vector<Cell> split(const PieceContext& c, std::size_t limit) {
  return split_choices(c, pieces_of(c), limit);
}

void choose(const PieceContext& c, OutputRows out, data::Hash& pattern) {
  choose_largest(c, pieces_of(c), out, pattern);
}

}  // namespace

std::span<const PieceRule> maxout() {
  static const PieceRule all[] = {{.op = "maxout", .split = split, .choose = choose}};
  return all;
}

}  // namespace rectify::diagnose::ops
