// contrast_weights, contrast_biases, contrast_sums, moving_mean, sparsity_pull
// (graph/ops/contrast.cpp). The weights' direction is one product: the rows of model and data stand
// one above the other, those of the data negated.

#include <algorithm>
#include <memory>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu::ops {

namespace {

/// to[c] = (from[c] - offset[c]) factor; offset null: 0.
void copy_row(const float* from, const float* offset, float factor, float* to, std::size_t width) {
  if (!offset && factor == 1) {
    std::copy_n(from, width, to);
  } else if (!offset) {
    for (std::size_t c = 0; c < width; ++c) to[c] = from[c] * factor;
  } else {
    for (std::size_t c = 0; c < width; ++c) to[c] = (from[c] - offset[c]) * factor;
  }
}

/// What the sink gets: tiles of whole rows, without gaps.
void hand_on(const void* sink, const ResultTile& tile) {
  (*static_cast<const GradientSink*>(sink))(static_cast<std::size_t>(tile.first_row * tile.columns),
                                            static_cast<std::size_t>(tile.rows * tile.columns),
                                            tile.c);
}

class ContrastOfWeights {
 public:
  explicit ContrastOfWeights(const Lowering& l)
      : threads_(l.threads),
        in_(static_cast<std::size_t>(l.node.type.shape[0])),
        out_(static_cast<std::size_t>(l.node.type.shape[1])),
        rows_(l.input_size(0) / in_),
        model_rows_(l.input_size(2) / in_),
        x_((rows_ + model_rows_) * in_),
        h_((rows_ + model_rows_) * out_),
        product_(matrix(x_.data(), all_rows(), l.node.type.shape[0]).transposed(),
                 matrix(h_.data(), all_rows(), l.node.type.shape[1]),
                 matrix(l.output<float>(), l.node.type.shape[0], l.node.type.shape[1]), l.threads,
                 Cut::rows) {
    for (std::size_t i = 0; i < l.inputs.size(); ++i) given_[i] = l.input<float>(i);
  }

  void run(const GradientSink* sink) {
    constexpr std::size_t rows_a_tile = 16;
    const std::size_t all = rows_ + model_rows_;
    threads_.run((all + rows_a_tile - 1) / rows_a_tile, [&](std::size_t tile) {
      const std::size_t first = tile * rows_a_tile;
      for (std::size_t r = first; r < std::min(all, first + rows_a_tile); ++r) copy_unit_rows(r);
    });
    product_.run(sink ? hand_on : nullptr, sink);
  }

 private:
  /// Row `to` of both factors: the machine's rows first, then those of the data, negated.
  void copy_unit_rows(std::size_t to) {
    const bool data = to >= model_rows_;
    const std::size_t from = data ? to - model_rows_ : to;
    const float factor =
        data ? -1.0f / static_cast<float>(rows_) : 1.0f / static_cast<float>(model_rows_);
    copy_row(given_[data ? 0 : 2] + from * in_, given_[4], 1, x_.data() + to * in_, in_);
    copy_row(given_[data ? 1 : 3] + from * out_, given_[5], factor, h_.data() + to * out_, out_);
  }

  std::int64_t all_rows() const { return static_cast<std::int64_t>(rows_ + model_rows_); }

  ThreadPool& threads_;
  std::size_t in_, out_, rows_, model_rows_;
  const float* given_[6] = {};  ///< x0 h0 x1 h1 m l
  Buffer x_, h_;
  Product product_;
};

Step weights(const Lowering& l) {
  return
      [sink = l.sink, contrast = std::make_shared<ContrastOfWeights>(l)] { contrast->run(sink); };
}

/// mean[c] = factor times the sum over the rows of x[r][c].
void mean_of_rows(ThreadPool& threads, const float* x, float* mean, std::size_t rows,
                  std::size_t width) {
  constexpr std::size_t columns_a_tile = 128;
  threads.run((width + columns_a_tile - 1) / columns_a_tile, [&](std::size_t tile) {
    const std::size_t first = tile * columns_a_tile;
    const std::size_t count = std::min(columns_a_tile, width - first);
    loops().sum_rows(x + first, mean + first, static_cast<std::int64_t>(rows),
                     static_cast<std::int64_t>(count), static_cast<std::int64_t>(width));
    for (std::size_t c = first; c < first + count; ++c) mean[c] /= static_cast<float>(rows);
  });
}

Step biases(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape[0]);
  const bool centred = l.inputs.size() > 2;
  const bool visible = l.node.attributes.word("side") == "visible";
  std::size_t others = 0;  // units on the other side
  if (centred) others = l.input_size(3);
  return [&threads = l.threads, x0 = l.input<float>(0), x1 = l.input<float>(1),
          d = centred ? l.input<float>(2) : nullptr, offset = centred ? l.input<float>(3) : nullptr,
          y = l.output<float>(), rows0 = l.input_size(0) / width, rows1 = l.input_size(1) / width,
          width, others, visible, data = std::vector<float>(width)]() mutable {
    mean_of_rows(threads, x1, y, rows1, width);
    mean_of_rows(threads, x0, data.data(), rows0, width);
    for (std::size_t c = 0; c < width; ++c) y[c] -= data[c];
    if (!d) return;
    std::vector<float>& moved = data;
    std::ranges::fill(moved, 0.0f);
    const auto rows = static_cast<std::int64_t>(visible ? width : others);
    const auto columns = static_cast<std::int64_t>(visible ? others : width);
    if (visible)
      loops().dot_rows(d, offset, moved.data(), rows, columns);
    else
      loops().add_scaled_rows(offset, d, moved.data(), rows, columns, columns);
    for (std::size_t c = 0; c < width; ++c) y[c] -= moved[c];
  };
}

Step sums(const Lowering& l) {
  const double count =
      static_cast<double>(l.node.attributes.integer("places")) * static_cast<double>(l.batch);
  return [&threads = l.threads, a = l.input<float>(0), b = l.input<float>(1), y = l.output<float>(),
          size = l.output_size(), factor = static_cast<float>(1 / count)] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      for (std::size_t i = first; i < first + n; ++i) y[i] = (a[i] - b[i]) * factor;
    });
  };
}

Step moving_mean(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape[0]);
  return [&threads = l.threads, x = l.input<float>(0), s = l.input<float>(1), y = l.output<float>(),
          rows = l.input_size(0) / width, width,
          rate = static_cast<float>(l.node.attributes.number("rate"))] {
    mean_of_rows(threads, x, y, rows, width);
    for (std::size_t c = 0; c < width; ++c) y[c] = (1 - rate) * s[c] + rate * y[c];
  };
}

Step sparsity_pull(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape.back());
  return [&threads = l.threads, x = l.input<float>(0), s = l.input<float>(1), y = l.output<float>(),
          rows = l.output_size() / width, width,
          target = static_cast<float>(l.node.attributes.number("target")),
          cost = static_cast<float>(l.node.attributes.number("cost"))] {
    for_rows(threads, rows, width, [&](std::size_t first, std::size_t count) {
      for (std::size_t r = first; r < first + count; ++r)
        for (std::size_t c = 0; c < width; ++c)
          y[r * width + c] = x[r * width + c] - cost * (s[c] - target);
    });
  };
}

std::string_view by_onednn(const Lowering&) { return "oneDNN"; }

}  // namespace

std::span<const Kernel> contrast() {
  static const Kernel all[] = {
      {.op = "contrast_weights", .lower = weights, .sinks = true, .implementation = by_onednn},
      {.op = "contrast_biases", .lower = biases},
      {.op = "contrast_sums", .lower = sums},
      {.op = "moving_mean", .lower = moving_mean},
      {.op = "sparsity_pull", .lower = sparsity_pull}};
  return all;
}

}  // namespace rectify::run::cpu::ops
