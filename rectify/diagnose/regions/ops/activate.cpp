// The three operators of activations: with fixed, learned and random numbers. Random ones have
// their mean in inference.

#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose::ops {

namespace {

std::vector<Cell> split(const PieceContext& c, std::size_t limit) {
  std::vector<LinearForm> forms;
  for (std::size_t i = 0; i < c.in[0].width; ++i) {
    const LinearForm form = c.in[0].form(i);
    for (const double kink : c.functions[i % c.functions.size()].kinks) {
      const LinearForm border{form.constant - kink, form.x, form.y};
      if (crosses(c.cell, border)) forms.push_back(border);
    }
  }
  return cut(c.cell, forms, limit);
}

void choose(const PieceContext& c, OutputRows out, data::Hash& pattern) {
  const Place middle = c.cell.middle();
  for (std::size_t i = 0; i < out.width; ++i) {
    const PiecewiseLinear& function = c.functions[i % c.functions.size()];
    const std::size_t chosen = function.line_at(c.in[0].form(i).at(middle));
    pattern.word(chosen);
    const PiecewiseLinear::Line& line = function.lines[chosen];
    for (std::size_t term = 0; term < out.terms(); ++term)
      out.row(term)[i] = line.slope * c.in[0].row(term)[i];
    out.row(0)[i] += line.offset;
  }
}

}  // namespace

std::span<const PieceRule> activate() {
  static const PieceRule all[] = {{.op = "activate", .split = split, .choose = choose},
                                  {.op = "activate_learned", .split = split, .choose = choose},
                                  {.op = "activate_random", .split = split, .choose = choose}};
  return all;
}

}  // namespace rectify::diagnose::ops
