#include "rectify/run/cpu/sparse/contrast_product.h"

#include <algorithm>

#include "rectify/run/cpu/sparse/choose.h"

namespace rectify::run::cpu {

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

/// What follows on the data's part of the sum.
struct OfModel {
  Matrix x, h;  ///< the model's rows, those of x transposed
  const GradientSink* sink;
  float* value;  ///< where the sum goes without a sink
};

/// Adds what the model's rows give to a tile of whole rows; which these are does not depend on the
/// number of threads, since oneDNN's sums may depend on them.
void add_model(const void* context, const ResultTile& tile) {
  const auto& [x, h, sink, value] = *static_cast<const OfModel*>(context);
  multiply_add(x.part(tile.first_row, tile.rows, 0, x.columns), h,
               matrix(tile.c, tile.rows, tile.columns));
  if (sink)
    hand_on(sink, tile);
  else
    std::copy_n(tile.c, tile.rows * tile.columns, value + tile.first_row * tile.columns);
}

}  // namespace

ContrastProduct::ContrastProduct(const Lowering& l)
    : threads_(l.threads),
      in_(static_cast<std::size_t>(l.node.type.shape[0])),
      out_(static_cast<std::size_t>(l.node.type.shape[1])),
      rows_(l.input_size(0) / in_),
      model_rows_(l.input_size(2) / in_),
      value_(l.output<float>()),
      zeros_(l.zeros),
      x_((rows_ + model_rows_) * in_),
      h_((rows_ + model_rows_) * out_),
      product_([&] {
        const auto all = static_cast<std::int64_t>(rows_ + model_rows_);
        const std::int64_t in = l.node.type.shape[0], out = l.node.type.shape[1];
        return Product(matrix(x_.data(), all, in).transposed(), matrix(h_.data(), all, out),
                       matrix(value_, in, out), l.threads, Cut::rows);
      }()) {
  for (std::size_t i = 0; i < l.inputs.size(); ++i) given_[i] = l.input<float>(i);
  const bool centred = l.inputs.size() > 4;
  if (centred) return;  // a unit that is off is its offset, another one for each
  const std::int64_t in = l.node.type.shape[0], out = l.node.type.shape[1];
  const auto rows = static_cast<std::int64_t>(rows_);
  const auto model_rows = static_cast<std::int64_t>(model_rows_);
  const Matrix result = matrix(value_, in, out);
  const Matrix x = matrix(x_.data(), rows + model_rows, in).transposed();
  const Matrix h = matrix(h_.data(), rows + model_rows, out);
  if (counts_zeros(l, 2, x, result))
    sparse_ = std::make_unique<const SparseProduct>(x, h, result, l.threads);
  const Matrix data = matrix(x_.data() + model_rows_ * in_, rows, in).transposed();
  const Matrix of_data = matrix(h_.data() + model_rows_ * out_, rows, out);
  if (!counts_zeros(l, 0, data, result)) return;
  data_ = std::make_unique<const SparseProduct>(data, of_data, matrix(nullptr, in, out), l.threads);
}

void ContrastProduct::run(const GradientSink* sink) {
  constexpr std::size_t rows_a_tile = 16;
  const std::size_t all = rows_ + model_rows_;
  threads_.run((all + rows_a_tile - 1) / rows_a_tile, [&](std::size_t tile) {
    const std::size_t first = tile * rows_a_tile;
    for (std::size_t r = first; r < std::min(all, first + rows_a_tile); ++r) copy_unit_rows(r);
  });
  if (run_sparse(sink) || run_data_sparse(sink)) return;
  product_.run(sink ? hand_on : nullptr, sink);
}

/// Row `to` of both factors: the machine's rows first, then those of the data, negated.
void ContrastProduct::copy_unit_rows(std::size_t to) {
  const bool data = to >= model_rows_;
  const std::size_t from = data ? to - model_rows_ : to;
  const float factor =
      data ? -1.0f / static_cast<float>(rows_) : 1.0f / static_cast<float>(model_rows_);
  copy_row(given_[data ? 0 : 2] + from * in_, given_[4], 1, x_.data() + to * in_, in_);
  copy_row(given_[data ? 1 : 3] + from * out_, given_[5], factor, h_.data() + to * out_, out_);
}

void ContrastProduct::tell(const Matrix& x, const RowGroups& rows, bool left_out) const {
  if (!zeros_) return;
  zeros_->numbers += x.rows * x.columns;
  zeros_->nonzeros += rows.count.others;
  zeros_->left_out += left_out;
}

bool ContrastProduct::run_sparse(const GradientSink* sink) {
  if (!sparse_) return false;
  const RowGroups rows = sparse_->group(0);
  if (!sparse_->pays(rows.count)) return false;
  tell(sparse_->a(), rows, true);
  return sparse_->run(rows, sink ? hand_on : nullptr, sink);
}

bool ContrastProduct::run_data_sparse(const GradientSink* sink) {
  if (!data_) return false;
  const RowGroups rows = data_->group(0);
  const bool pays = data_->pays(rows.count);
  tell(data_->a(), rows, pays);
  if (!pays) return false;
  const auto in = static_cast<std::int64_t>(in_),
             model_rows = static_cast<std::int64_t>(model_rows_);
  const OfModel context{matrix(x_.data(), model_rows, in).transposed(),
                        matrix(h_.data(), model_rows, static_cast<std::int64_t>(out_)), sink,
                        value_};
  return data_->run(rows, add_model, &context, SparseProduct::Zeros::among_others);
}

}  // namespace rectify::run::cpu
