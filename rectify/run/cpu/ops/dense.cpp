// dense, its gradients and dense_transposed, which is what its input gradient computes: oneDNN
// products over fixed tiles, or sparse ones where rectifiers leave zeros; the bias is added while a
// tile is in cache.

#include <algorithm>
#include <memory>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/sparse/choose.h"
#include "rectify/run/cpu/sparse/few_rows.h"
#include "rectify/run/cpu/sparse/narrow_product.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu::ops {

namespace {

/// What follows on a part of a value while it is in cache.
struct Finish {
  const float* bias;  ///< null: none
  FusedOps fused;
  std::size_t width;  ///< of a row of the value

  explicit Finish(const Lowering& l, const float* b = nullptr)
      : bias(b), fused(l.fused), width(static_cast<std::size_t>(l.node.type.shape.back())) {}
  bool nothing() const { return !bias && fused.pieces.empty(); }

  void operator()(const ResultTile& tile) const {
    if (bias)
      loops().add_bias(bias + tile.first_column, tile.c, tile.rows, tile.columns, tile.stride);
    const auto columns = static_cast<std::size_t>(tile.columns);
    const auto rows = static_cast<std::size_t>(tile.rows);
    const std::size_t first = static_cast<std::size_t>(tile.first_row) * width +
                              static_cast<std::size_t>(tile.first_column);
    for (const Piece& piece : fused.pieces) {
      if (columns == width)
        piece(first, rows * columns);
      else
        for (std::size_t r = 0; r < rows; ++r) piece(first + r * width, columns);
    }
  }
};

/// The bias, of dense and dense_transposed; null: none.
const float* bias_of(const Lowering& l) {
  return l.inputs.size() > 2 ? l.input<float>(2) : nullptr;
}

/// Rows of a batch: the samples, or those of all samples where each has several.
std::int64_t rows_of(const Lowering& l) {
  return static_cast<std::int64_t>(l.input_size(0)) / graph::last_extent(l.graph, l.node.inputs[0]);
}

/// Where samples have rows of their own, the result is tall and is cut into rows.
Cut cut_of(const Lowering& l) { return l.node.type.shape.rank() > 1 ? Cut::rows : Cut::columns; }

void finish_tile(const void* context, const ResultTile& tile) {
  (*static_cast<const Finish*>(context))(tile);
}

/// A step that computes c = a b and finishes it.
Step product_step(const Lowering& l, Matrix a, Matrix b, Matrix c,
                  std::shared_ptr<const Finish> finish) {
  return [finish = std::move(finish),
          product = std::make_shared<Product>(a, b, c, l.threads, cut_of(l))] {
    product->run(finish->nothing() ? nullptr : finish_tile, finish.get());
  };
}

/// A factor of the product: the i-th input, as rows x columns.
Matrix factor(const Lowering& l, std::size_t i, std::int64_t rows, std::int64_t columns) {
  return matrix(l.inputs[i], rows, columns);
}

/// Whether it is a single row, in floats: products of a row with a matrix are bound by reading
/// the matrix, of which the zeros that rectifiers leave in the row spare a part.
bool is_row(const Lowering& l) { return rows_of(l) == 1 && !l.narrow_input(1); }

/// y (1, out) = x (1, in) W (in, out) + b
Step forward_of_row(const Lowering& l) {
  const Shape& weight = l.graph.input(l.node, 1).type.shape;
  return [&threads = l.threads, x = l.input<float>(0), w = l.input<float>(1), y = l.output<float>(),
          bias = bias_of(l), in = weight[0], out = weight[1], finish = Finish(l)] {
    for_parts(threads, out, in, columns_of_rows_a_tile,
              [&](std::int64_t first, std::int64_t columns) {
                if (bias)
                  std::copy_n(bias + first, columns, y + first);
                else
                  std::fill_n(y + first, columns, 0.0f);
                loops().add_scaled_rows(x, w + first, y + first, in, columns, out);
                finish({y + first, 1, columns, out, 0, first});
              });
  };
}

/// dx (1, in) = dy (1, out) W^T (out, in)
Step input_gradient_of_row(const Lowering& l) {
  const Shape& weight = l.graph.input(l.node, 1).type.shape;
  return [&threads = l.threads, dy = l.input<float>(0), w = l.input<float>(1),
          dx = l.output<float>(), in = weight[0], out = weight[1], finish = Finish(l, bias_of(l))] {
    constexpr std::int64_t rows_a_tile = 128;
    for_parts(threads, in, out, rows_a_tile, [&](std::int64_t first, std::int64_t rows) {
      loops().dot_rows(w + first * out, dy, dx + first, rows, out);
      finish({dx + first, 1, rows, in, 0, first});
    });
  };
}

/// dW (in, out) = x^T (in, 1) dy (1, out); rows where x is 0 are zeros.
Step weight_gradient_of_row(const Lowering& l) {
  const Shape& weight = l.node.type.shape;
  std::vector<Buffer> row;  // of each thread
  if (l.sink)
    for (int i = 0; i < l.threads.threads(); ++i)
      row.emplace_back(static_cast<std::size_t>(weight[1]));
  return
      [&threads = l.threads, x = l.input<float>(0), dy = l.input<float>(1), dw = l.output<float>(),
       sink = l.sink, rows = std::make_shared<std::vector<Buffer>>(std::move(row)),
       in = static_cast<std::size_t>(weight[0]), out = static_cast<std::size_t>(weight[1])] {
        for_rows(threads, in, out, [&](std::size_t first, std::size_t count, std::size_t thread) {
          for (std::size_t i = first; i < first + count; ++i) {
            float* const to = sink ? (*rows)[thread].data() : dw + i * out;
            if (x[i] != 0)
              loops().scale(x[i], dy, to, out);
            else if (!sink)
              std::fill_n(to, out, 0.0f);
            if (sink) (*sink)(i * out, out, x[i] != 0 ? to : nullptr);
          }
        });
      };
}

/// Whether the weight is a parameter that is to be kept narrow.
bool keeps_narrow(const Lowering& l) {
  return l.weights != WeightPrecision::fp32 && !l.narrow_input(1) &&
         l.graph.input(l.node, 1).op->name == "parameter";
}

/// The same for any number of rows, from a narrow copy of W.
Step forward_of_narrow(const Lowering& l) {
  const Shape& weight = l.graph.input(l.node, 1).type.shape;  // (in, out)
  const Matrix x = factor(l, 0, rows_of(l), weight[0]), w = factor(l, 1, weight[0], weight[1]);
  const Matrix y = matrix(l.output<float>(), rows_of(l), weight[1]);
  return [product = std::make_shared<NarrowProduct>(x, w, y, l.weights, l.threads),
          finish = Finish(l, bias_of(l)), numbers = x.rows * x.columns, zeros = l.zeros] {
    const std::int64_t nonzeros = product->run(finish_tile, &finish);
    if (!zeros) return;
    zeros->numbers += numbers;
    zeros->nonzeros += nonzeros;
    ++zeros->left_out;
  };
}

Step forward(const Lowering& l) {
  if (keeps_narrow(l)) return forward_of_narrow(l);
  if (is_row(l)) return forward_of_row(l);
  const Shape& weight = l.graph.input(l.node, 1).type.shape;  // (in, out)
  const Matrix x = factor(l, 0, rows_of(l), weight[0]), w = factor(l, 1, weight[0], weight[1]);
  const Matrix y = matrix(l.output<float>(), rows_of(l), weight[1]);
  const auto finish = std::make_shared<const Finish>(l, bias_of(l));
  Step dense = product_step(l, x, w, y, finish);
  if (has_few_rows(l, x)) return few_rows_or(std::move(dense), l, x, w, y, finish_tile, finish);
  return sparse_or(std::move(dense), l, 0, x, w, y, finish_tile, finish);
}

/// The batches for which dx^T = W dy^T is computed, and turned: the other way oneDNN has to turn W,
/// which is more work than turning dx and dy, up to a half of all for 32 samples.
constexpr std::int64_t least_turned = 16, most_turned = 256;

/// dx^T (in, batch) = W (in, out) dy^T (out, batch), tile by tile.
class TurnedInputGradient {
 public:
  TurnedInputGradient(const Lowering& l, std::shared_ptr<const Finish> finish)
      : dy_(l.input<float>(0)),
        dx_(l.output<float>()),
        batch_(rows_of(l)),
        in_(l.graph.input(l.node, 1).type.shape[0]),
        out_(l.graph.input(l.node, 1).type.shape[1]),
        threads_(l.threads),
        finish_(std::move(finish)),
        turned_(static_cast<std::size_t>(out_ * batch_)),
        product_(matrix(l.input<float>(1), in_, out_), matrix(turned_.data(), out_, batch_),
                 matrix(nullptr, in_, batch_), l.threads, Cut::rows) {}

  void run() {
    constexpr std::int64_t columns_a_tile = 256;
    threads_.run(static_cast<std::size_t>((out_ + columns_a_tile - 1) / columns_a_tile),
                 [&](std::size_t tile) {
                   const std::int64_t first = static_cast<std::int64_t>(tile) * columns_a_tile;
                   loops().transpose(dy_ + first, out_, turned_.data() + first * batch_, batch_,
                                     batch_, std::min(columns_a_tile, out_ - first));
                 });
    product_.run(
        [](const void* context, const ResultTile& tile) {
          static_cast<const TurnedInputGradient*>(context)->take(tile);
        },
        this);
  }

 private:
  void take(const ResultTile& tile) const {
    float* to = dx_ + tile.first_row;
    loops().transpose(tile.c, tile.stride, to, in_, tile.rows, tile.columns);
    (*finish_)({to, tile.columns, tile.rows, in_, tile.first_column, tile.first_row});
  }

  const float* dy_;
  float* dx_;
  std::int64_t batch_, in_, out_;
  ThreadPool& threads_;
  std::shared_ptr<const Finish> finish_;
  Buffer turned_;  ///< dy^T
  Product product_;
};

// dx (batch, in) = dy (batch, out) W^T (out, in)
Step input_gradient(const Lowering& l) {
  if (is_row(l)) return input_gradient_of_row(l);
  const Shape& weight = l.graph.input(l.node, 1).type.shape;
  const bool bfloat16 = l.narrow_input(1);
  const std::int64_t rows = rows_of(l);
  const Matrix dy = factor(l, 0, rows, weight[1]);
  const Matrix turned = factor(l, 1, weight[0], weight[1]).transposed();
  const Matrix dx = matrix(l.output<float>(), rows, weight[0]);
  const auto finish = std::make_shared<const Finish>(l, bias_of(l));
  Step dense;
  if (rows >= least_turned && rows <= most_turned && !bfloat16)
    dense = [gradient = std::make_shared<TurnedInputGradient>(l, finish)] { gradient->run(); };
  else
    dense = product_step(l, dy, turned, dx, finish);
  return sparse_or(std::move(dense), l, 0, dy, turned, dx, finish_tile, finish);
}

void pour(const void* sink, const ResultTile& tile) {  // tiles of whole rows, without gaps
  (*static_cast<const GradientSink*>(sink))(static_cast<std::size_t>(tile.first_row * tile.columns),
                                            static_cast<std::size_t>(tile.rows * tile.columns),
                                            tile.c);
}

// dW (in, out) = x^T (in, batch) dy (batch, out)
Step weight_gradient(const Lowering& l) {
  if (is_row(l)) return weight_gradient_of_row(l);
  const Shape& weight = l.node.type.shape;
  const Matrix turned = factor(l, 0, rows_of(l), weight[0]).transposed();
  const Matrix dy = factor(l, 1, rows_of(l), weight[1]);
  const Matrix dw = matrix(l.output<float>(), weight[0], weight[1]);
  const Epilogue take = l.sink ? pour : nullptr;
  Step dense = [sink = l.sink, take,
                product = std::make_shared<Product>(turned, dy, dw, l.threads, Cut::rows)] {
    product->run(take, sink);
  };
  const std::shared_ptr<const GradientSink> sink(l.sink, [](const GradientSink*) {});  // the plan's
  return sparse_or(std::move(dense), l, 0, turned, dy, dw, take, sink);
}

Step bias_gradient(const Lowering& l) {
  static constexpr std::int64_t columns_a_tile = 128;
  const std::int64_t columns = l.node.type.shape[0], rows = rows_of(l);
  return [&threads = l.threads, dy = l.input<float>(0), db = l.output<float>(), rows, columns] {
    const auto tiles = static_cast<std::size_t>((columns + columns_a_tile - 1) / columns_a_tile);
    threads.run(tiles, [&](std::size_t tile) {
      const std::int64_t first = static_cast<std::int64_t>(tile) * columns_a_tile;
      const std::int64_t count = std::min(columns_a_tile, columns - first);
      loops().sum_rows(dy + first, db + first, rows, count, columns);
    });
  };
}

std::string_view product_implementation(const Lowering& l) {
  return is_row(l) || (l.node.op->name == "dense" && keeps_narrow(l)) ? instruction_set()
                                                                      : "oneDNN";
}

}  // namespace

std::span<const Kernel> dense() {
  static const Kernel all[] = {
      {.op = "dense", .lower = forward, .hosts = true, .implementation = product_implementation},
      {.op = "dense_input_gradient",
       .lower = input_gradient,
       .hosts = true,
       .implementation = product_implementation},
      {.op = "dense_transposed",
       .lower = input_gradient,
       .hosts = true,
       .implementation = product_implementation},
      {.op = "dense_weight_gradient",
       .lower = weight_gradient,
       .sinks = true,
       .implementation = product_implementation},
      {.op = "dense_bias_gradient", .lower = bias_gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
