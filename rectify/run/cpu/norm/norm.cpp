#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/norm/norm_steps.h"

namespace rectify::run::cpu {

ChannelSums::ChannelSums(const ChannelRows& rows)
    : rows_(rows),
      a_tile_rows_(std::max<std::size_t>(1, tile_elements / std::min(a_tile_columns, rows.width))),
      row_tiles_(
          std::max<std::size_t>(1, (rows.size / rows.width + a_tile_rows_ - 1) / a_tile_rows_)),
      column_tiles_((rows.width + a_tile_columns - 1) / a_tile_columns),
      parts_(2 * row_tiles_ * rows.width),
      totals_(2 * rows.width) {}

void ChannelSums::add_parts() {
  std::fill(totals_.begin(), totals_.end(), 0.0);
  for (std::size_t first = 0; first < parts_.size(); first += totals_.size())
    for (std::size_t i = 0; i < totals_.size(); ++i) totals_[i] += parts_[first + i];
  for (const std::size_t half : {std::size_t{0}, rows_.width})
    for (std::size_t i = rows_.channels; i < rows_.width; ++i)
      totals_[half + i % rows_.channels] += totals_[half + i];
}

SampleSums::SampleSums(const Type& sample, std::int64_t batch)
    : rows_(static_cast<std::size_t>(sample.shape.size()),
            static_cast<std::size_t>(sample.shape.back()), true),
      parts_(2 * static_cast<std::size_t>(batch) * rows_.channels) {}

std::size_t channels_of(const Lowering& l, std::size_t input) {
  return static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[input]));
}

Step normalise_rows(const Lowering& l, NormLoops::Forward loop) {
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(),
          size = l.output_size(), scale = l.inputs.size() > 1 ? l.input<float>(1) : nullptr,
          shift = l.inputs.size() > 2 ? l.input<float>(2) : nullptr, width = channels_of(l, 0),
          epsilon = l.node.attributes.number("epsilon"), loop, fused = l.fused] {
    for_rows(threads, size / width, width, [&](std::size_t row, std::size_t rows) {
      const std::size_t at = row * width;
      loop(x + at, scale, shift, y + at, rows, width, epsilon);
      fused(at, rows * width);
    });
  };
}

Step gradient_of_rows(const Lowering& l, NormLoops::Gradient loop) {
  return [&threads = l.threads, dy = l.input<float>(0), x = l.input<float>(1),
          dx = l.output<float>(), size = l.output_size(),
          scale = l.inputs.size() > 2 ? l.input<float>(2) : nullptr, width = channels_of(l, 1),
          epsilon = l.node.attributes.number("epsilon"), loop, fused = l.fused] {
    for_rows(threads, size / width, width, [&](std::size_t row, std::size_t rows) {
      const std::size_t at = row * width;
      loop(dy + at, x + at, scale, dx + at, rows, width, epsilon);
      fused(at, rows * width);
    });
  };
}

Step sums_over_rows(const Lowering& l, NormLoops::Numbers numbers) {
  const ChannelRows rows(l.input_size(1), channels_of(l, 1), false);
  return [&threads = l.threads, dy = l.input<float>(0), x = l.input<float>(1),
          sums = l.output<float>(), rows, numbers, both = l.output_size() > rows.channels,
          epsilon = l.node.attributes.number("epsilon"), of = std::vector<RowNumbers>(rows.count()),
          found = ChannelSums(rows)]() mutable {
    const std::size_t width = rows.width;
    for_rows(threads, rows.count(), width, [&](std::size_t row, std::size_t n) {
      numbers(x + row * width, of.data() + row, n, width, epsilon);
    });
    found.run(threads, [&](std::size_t at, std::size_t row, std::size_t n, std::size_t,
                           std::size_t columns, double* first, double* second) {
      norm_loops().row_sums(dy + at, x + at, of.data() + row, first, second, n, columns, width);
    });
    float* const products = both ? sums + width : sums;
    for (std::size_t c = 0; c < width; ++c) {
      if (both) sums[c] = static_cast<float>(found.first(c));
      products[c] = static_cast<float>(found.second(c));
    }
  };
}

RECTIFY_CHOOSE_BY_ISA(NormLoops, norm_loops)

}  // namespace rectify::run::cpu
