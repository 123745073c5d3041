#include "rectify/diagnose/regions/choice.h"

#include <algorithm>

#include "rectify/graph/window.h"

namespace rectify::diagnose {

namespace {

std::vector<LinearForm> choice_forms(const AffineRows& rows,
                                     std::span<const std::size_t> elements) {
  std::vector<LinearForm> forms;
  forms.reserve(elements.size());
  for (const std::size_t element : elements) forms.push_back(rows.form(element));
  return forms;
}

/// Whether one form is the largest all over the cell, which is so when it is at every corner.
bool one_is_largest(const Cell& cell, std::span<const LinearForm> forms) {
  const std::size_t best = largest_at(cell.middle(), forms);
  return std::ranges::all_of(cell.corners, [&](const Place& corner) {
    const double most = forms[best].at(corner);
    return std::ranges::all_of(forms,
                               [&](const LinearForm& form) { return form.at(corner) <= most; });
  });
}

/// The parts of all cells, in their order.
std::vector<Cell> refined_cells(const std::vector<Cell>& cells, std::span<const LinearForm> forms) {
  std::vector<Cell> all;
  for (const Cell& cell : cells) {
    if (one_is_largest(cell, forms)) {
      all.push_back(cell);
      continue;
    }
    std::vector<Cell> parts = largest_parts(cell, forms);
    std::erase_if(parts, [](const Cell& part) { return part.corners.empty(); });
    if (cell.corners.size() == 2)
      std::ranges::sort(parts, {}, [](const Cell& part) { return part.corners[0].x; });
    if (parts.empty()) all.push_back(cell);  // it is thinner than what is told apart
    for (Cell& part : parts) all.push_back(std::move(part));
  }
  return all;
}

}  // namespace

std::vector<Cell> split_choices(const PieceContext& context, const EachChoice& each,
                                std::size_t limit) {
  std::vector<Cell> cells = {context.cell};
  each([&](std::size_t, std::span<const std::size_t> elements) {
    if (cells.size() > limit) return;
    const std::vector<LinearForm> forms = choice_forms(context.in[0], elements);
    if (!one_is_largest(context.cell, forms)) cells = refined_cells(cells, forms);
  });
  return cells;
}

void choose_largest(const PieceContext& context, const EachChoice& each, OutputRows out,
                    data::Hash& pattern) {
  const Place middle = context.cell.middle();
  const AffineRows& x = context.in[0];
  each([&](std::size_t place, std::span<const std::size_t> elements) {
    std::size_t chosen = 0;
    double largest = x.form(elements[0]).at(middle);
    for (std::size_t i = 1; i < elements.size(); ++i)
      if (const double value = x.form(elements[i]).at(middle); value > largest) {
        chosen = i;
        largest = value;
      }
    pattern.word(chosen);
    for (std::size_t term = 0; term < out.terms(); ++term)
      out.row(term)[place] = x.row(term)[elements[chosen]];
  });
}

void each_window(const PieceContext& context,
                 const std::function<void(std::size_t, std::span<const std::size_t>)>& visit) {
  const Shape& image = context.shape(0);
  const graph::Window window = graph::window_of(context.node.attributes, image);
  const graph::WindowAxis &y = window.y, &x = window.x;
  const std::int64_t channels = image.back();
  std::vector<std::size_t> taps;
  for (std::int64_t place = 0; place < y.out * x.out * channels; ++place) {
    const std::int64_t channel = place % channels, j = place / channels % x.out,
                       i = place / channels / x.out;
    taps.clear();
    for (std::int64_t tap = 0; tap < y.size * x.size; ++tap) {
      const std::int64_t row = i * y.stride + tap / x.size * y.dilation - y.before;
      const std::int64_t column = j * x.stride + tap % x.size * x.dilation - x.before;
      if (row >= 0 && row < y.in && column >= 0 && column < x.in)
        taps.push_back(static_cast<std::size_t>((row * x.in + column) * channels + channel));
    }
    visit(static_cast<std::size_t>(place), taps);
  }
}

}  // namespace rectify::diagnose
