// contractive_penalty and its gradients. The squared norms of W's columns and the means of squared
// slopes are computed again by each of the three: they cost little beside the layer's products.

#include <algorithm>
#include <memory>

#include "rectify/activation/activation.h"
#include "rectify/activation/kernels.h"
#include "rectify/graph/curvature.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

constexpr std::size_t contractive_columns = 64;  // of a tile

class Contraction {
 public:
  explicit Contraction(const Lowering& l)
      : threads_(l.threads),
        row_(activation::find(l.node.attributes.word("row"))),
        how_(graph::curvature_of(row_.name)),
        x_(l.input<float>(0)),
        w_(l.input<float>(1)),
        units_(static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[0]))),
        rows_(l.input_size(0) / units_),
        inputs_(l.input_size(1) / units_),
        factor_(l.node.attributes.number("weight") / static_cast<double>(rows_)),
        slopes_(l.input_size(0)),
        norms_(units_),
        sums_(units_) {}

  double value() {
    find_slopes();
    each_tile([&](std::size_t first, std::size_t end) {
      add_squares(w_, inputs_, first, end, norms_);
      add_squares(slopes_.data(), rows_, first, end, sums_);
    });
    double sum = 0;
    for (std::size_t j = 0; j < units_; ++j) sum += norms_[j] * sums_[j];
    return factor_ * sum;
  }

  void input_gradient(float* dx) {
    find_slopes();
    each_tile(
        [&](std::size_t first, std::size_t end) { add_squares(w_, inputs_, first, end, norms_); });
    const auto& values = activation::kernels(row_);
    for_rows(threads_, rows_, units_, [&](std::size_t first, std::size_t count) {
      values.forward(x_ + first * units_, dx + first * units_, count * units_, row_.defaults());
      for (std::size_t r = first; r < first + count; ++r)
        for (std::size_t j = 0; j < units_; ++j) {
          float& y = dx[r * units_ + j];
          const float s = slopes_[r * units_ + j];
          y = static_cast<float>(2 * factor_ * norms_[j]) * s * graph::curvature(how_, y, s);
        }
    });
  }

  void weight_gradient(float* dw) {
    find_slopes();
    each_tile([&](std::size_t first, std::size_t end) {
      add_squares(slopes_.data(), rows_, first, end, sums_);
      for (std::size_t i = 0; i < inputs_; ++i)
        for (std::size_t j = first; j < end; ++j)
          dw[i * units_ + j] = static_cast<float>(2 * factor_ * sums_[j]) * w_[i * units_ + j];
    });
  }

 private:
  void find_slopes() {
    const auto slope = activation::kernels(row_).backward;
    for_elements(threads_, slopes_.size(), [&](std::size_t first, std::size_t n) {
      std::fill_n(slopes_.data() + first, n, 1.0f);
      slope(x_ + first, slopes_.data() + first, slopes_.data() + first, n, row_.defaults());
    });
  }
  template <class Work>
  void each_tile(Work&& work) {
    threads_.run((units_ + contractive_columns - 1) / contractive_columns, [&](std::size_t tile) {
      const std::size_t first = tile * contractive_columns;
      work(first, std::min(units_, first + contractive_columns));
    });
  }
  /// sums[j] = sum over the rows of from[r][j]^2 for j from first to end.
  void add_squares(const float* from, std::size_t rows, std::size_t first, std::size_t end,
                   std::vector<double>& sums) const {
    for (std::size_t j = first; j < end; ++j) sums[j] = 0;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = first; j < end; ++j) {
        const double v = from[r * units_ + j];
        sums[j] += v * v;
      }
  }

  ThreadPool& threads_;
  const activation::Row& row_;
  graph::Curvature how_;
  const float *x_, *w_;
  std::size_t units_, rows_, inputs_;
  double factor_;
  std::vector<float> slopes_;
  std::vector<double> norms_, sums_;
};

Step value(const Lowering& l) {
  return [y = l.output<float>(), c = std::make_shared<Contraction>(l)] {
    *y = static_cast<float>(c->value());
  };
}

Step of_inputs(const Lowering& l) {
  return [y = l.output<float>(), c = std::make_shared<Contraction>(l)] { c->input_gradient(y); };
}

Step of_weight(const Lowering& l) {
  return [y = l.output<float>(), c = std::make_shared<Contraction>(l)] { c->weight_gradient(y); };
}

}  // namespace

std::span<const Kernel> contractive_penalty() {
  static const Kernel all[] = {{"contractive_penalty", value},
                               {"contractive_penalty_gradient", of_inputs},
                               {"contractive_penalty_weight_gradient", of_weight}};
  return all;
}

}  // namespace rectify::run::cpu::ops
