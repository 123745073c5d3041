// dense and its gradients: oneDNN products over fixed tiles, the bias added while a tile is in
// cache.

#include <memory>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/product.h"

namespace rectify::run::cpu::ops {

namespace {

void add_bias(const void* bias, const ResultTile& tile) {
  loops().add_bias(static_cast<const float*>(bias) + tile.first_column, tile.c, tile.rows,
                   tile.columns, tile.stride);
}

void pour(const void* sink, const ResultTile& tile) {  // tiles of whole rows, without gaps
  (*static_cast<const GradientSink*>(sink))(static_cast<std::size_t>(tile.first_row * tile.columns),
                                            static_cast<std::size_t>(tile.rows * tile.columns),
                                            tile.c);
}

/// A step that computes c = a b.
Step product_step(const Lowering& lowering, Matrix a, Matrix b, Matrix c, Cut cut,
                  const float* bias = nullptr) {
  auto product = std::make_shared<Product>(a, b, c, lowering.threads, cut);
  if (lowering.sink) return [product, sink = lowering.sink] { product->run(pour, sink); };
  return [product, bias] { product->run(bias ? add_bias : nullptr, bias); };
}

Step forward(const Lowering& l) {
  const Shape& weight = l.graph.input(l.node, 1).type.shape;  // (in, out)
  return product_step(l, matrix(l.inputs[0], l.batch, weight[0]),
                      matrix(l.inputs[1], weight[0], weight[1]),
                      matrix(l.output, l.batch, weight[1]), Cut::columns,
                      l.inputs.size() > 2 ? l.inputs[2] : nullptr);
}

// dx (batch, in) = dy (batch, out) W^T (out, in)
Step input_gradient(const Lowering& l) {
  const Shape& weight = l.graph.input(l.node, 1).type.shape;
  return product_step(l, matrix(l.inputs[0], l.batch, weight[1]),
                      matrix(l.inputs[1], weight[0], weight[1]).transposed(),
                      matrix(l.output, l.batch, weight[0]), Cut::columns);
}

// dW (in, out) = x^T (in, batch) dy (batch, out)
Step weight_gradient(const Lowering& l) {
  const Shape& weight = l.node.type.shape;
  return product_step(l, matrix(l.inputs[0], l.batch, weight[0]).transposed(),
                      matrix(l.inputs[1], l.batch, weight[1]),
                      matrix(l.output, weight[0], weight[1]), Cut::rows);
}

Step bias_gradient(const Lowering& l) {
  static constexpr std::int64_t columns_a_tile = 128;
  const std::int64_t columns = l.node.type.shape[0], rows = l.batch;
  return [&threads = l.threads, dy = l.inputs[0], db = l.output, rows, columns] {
    const auto tiles = static_cast<std::size_t>((columns + columns_a_tile - 1) / columns_a_tile);
    threads.run(tiles, [&](std::size_t tile) {
      const std::int64_t first = static_cast<std::int64_t>(tile) * columns_a_tile;
      const std::int64_t count = std::min(columns_a_tile, columns - first);
      loops().sum_rows(dy + first, db + first, rows, count, columns);
    });
  };
}

}  // namespace

std::span<const Kernel> dense() {
  static const Kernel all[] = {{"dense", forward},
                               {"dense_input_gradient", input_gradient},
                               {"dense_weight_gradient", weight_gradient, true},
                               {"dense_bias_gradient", bias_gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
