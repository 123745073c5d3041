#include "rectify/run/cpu/sparse/few_rows.h"

#include <algorithm>

#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/sparse/choose.h"
#include "rectify/run/cpu/sparse/loops.h"

namespace rectify::run::cpu {

FewRows::FewRows(Matrix x, Matrix w, Matrix y, ThreadPool& threads)
    : x_(x), w_(w), y_(y), threads_(threads) {}

bool FewRows::pays(std::int64_t nonzeros) const {
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  const double rows = number(x_.rows), depth = number(x_.columns), columns = number(y_.columns);
  const FewRowsCosts& costs = sparse_loops().few_rows_costs;
  const double stretches = number((x_.columns + rows_a_stretch - 1) / rows_a_stretch);
  const double sparse = number(nonzeros) * columns * costs.entry +
                        std::min(number(nonzeros), depth) * columns * costs.read +
                        rows * stretches * columns * costs.visit;
  return sparse < 0.97 * depth * columns * std::max(rows, costs.least);
}

std::int64_t FewRows::count() const {
  std::int64_t nonzeros = 0;
  for (std::int64_t r = 0; r < x_.rows; ++r) {
    const float* const row = x_.floats() + r * x_.row;
    std::int32_t found = 0;  // of the size of a float: so the compiler turns it into vectors
    for (std::int64_t k = 0; k < x_.columns; ++k) found += row[k] != 0;
    nonzeros += found;
  }
  return nonzeros;
}

void FewRows::run(Epilogue epilogue, const void* context) const {
  for_parts(threads_, y_.columns, x_.columns, columns_of_rows_a_tile,
            [&](std::int64_t first, std::int64_t columns) {
              float* const y = y_.floats() + first;
              for (std::int64_t r = 0; r < y_.rows; ++r) std::fill_n(y + r * y_.row, columns, 0.0f);
              for (std::int64_t k = 0; k < x_.columns; k += rows_a_stretch)
                for (std::int64_t r = 0; r < y_.rows; ++r)
                  loops().add_scaled_rows(
                      x_.floats() + r * x_.row + k, w_.floats() + k * w_.row + first,
                      y + r * y_.row, std::min(rows_a_stretch, x_.columns - k), columns, w_.row);
              epilogue(context, {y, y_.rows, columns, y_.row, 0, first});
            });
}

bool has_few_rows(const Lowering& l, const Matrix& x) {
  if (x.rows > most_few_rows || x.element != Element::float32) return false;
  const std::vector<graph::NodeId> users = l.graph.users(l.node.inputs[0]);
  return std::ranges::none_of(users, [&](graph::NodeId user) {
    return l.graph.node(user).op->name == "dense_weight_gradient";
  });
}

Step few_rows_or(Step dense, const Lowering& l, const Matrix& x, const Matrix& w, const Matrix& y,
                 Epilogue epilogue, std::shared_ptr<const void> context) {
  if (!counts_zeros(l, 0, x, y)) return dense;
  return [product = FewRows(x, w, y, l.threads), epilogue, context = std::move(context),
          dense = std::move(dense), numbers = x.rows * x.columns, zeros = l.zeros] {
    const std::int64_t nonzeros = product.count();
    const bool leave_out = product.pays(nonzeros);
    if (zeros) {
      zeros->numbers += numbers;
      zeros->nonzeros += nonzeros;
      zeros->left_out += leave_out;
    }
    if (leave_out)
      product.run(epilogue, context.get());
    else
      dense();
  };
}

}  // namespace rectify::run::cpu
