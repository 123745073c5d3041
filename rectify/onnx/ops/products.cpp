// Products of matrices in the general way: a layer where the second one is a constant.
#include <algorithm>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

void read_matmul(GeneralCall& call) {
  const Tensor &a = call.tensor(0), &b = call.tensor(1);
  if (b.constant && b.rank() == 2 && !a.constant && a.rank() > 0) {
    const Constant& w = *b.constant;
    if (w.extents[0] != a.extents().back())
      fail(call.where(), " has a matrix for ", w.extents[0], " inputs but there are ",
           a.extents().back());
    return call.give(call.product(a.view, w.as_floats(), w.extents[1], nullptr));
  }
  View x = call.view(0), y = call.view(1);
  const bool row = x.axes.size() == 1, column = y.axes.size() == 1;
  if (x.axes.empty() || y.axes.empty()) fail(call.where(), " wants matrices, not single numbers");
  if (row) x.axes.insert(x.axes.begin(), Axis{});
  if (column) y.axes.push_back({});
  View z = call.product(x, y);
  if (column) z.axes.pop_back();
  if (row) z.axes.erase(z.axes.end() - (column ? 1 : 2));
  call.give(z, a.whole && b.whole);
}

std::vector<float> transposed(const std::vector<float>& m, std::int64_t rows,
                              std::int64_t columns) {
  std::vector<float> t(m.size());
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      t[static_cast<std::size_t>(j * rows + i)] = m[static_cast<std::size_t>(i * columns + j)];
  return t;
}

void read_gemm(GeneralCall& call) {
  View a = call.view(0);
  if (a.axes.size() != 2 || call.extents(1).size() != 2) fail(call.where(), " wants two matrices");
  if (call.integer("transA", 0) != 0) std::swap(a.axes[0], a.axes[1]);
  const bool turned = call.integer("transB", 0) != 0;
  const double alpha = call.number("alpha", 1), beta = call.number("beta", 1);
  View y;
  if (call.is_constant(1)) {
    const Constant& b = call.constant(1);
    const std::int64_t inputs = b.extents[turned ? 1 : 0], units = b.extents[turned ? 0 : 1];
    if (inputs != extent_of(a.axes[1]))
      fail(call.where(), " has a matrix for ", inputs, " inputs but there are ",
           extent_of(a.axes[1]));
    std::vector<float> weight = b.as_floats();
    if (turned) weight = transposed(weight, units, inputs);
    for (float& w : weight) w = static_cast<float>(w * alpha);
    if (call.has(2) && call.is_constant(2) && call.constant(2).size() == units &&
        call.constant(2).extents.back() == units) {
      std::vector<float> bias = call.constant(2).as_floats();
      for (float& v : bias) v = static_cast<float>(v * beta);
      return call.give(call.product(a, std::move(weight), units, &bias));
    }
    y = call.product(a, std::move(weight), units, nullptr);
  } else {
    View b = call.view(1);
    if (turned) std::swap(b.axes[0], b.axes[1]);
    y = call.product(a, b);
    if (alpha != 1) y = call.pairwise("multiply", y, alpha);
  }
  if (call.has(2)) {
    const View c = call.view(2);
    y = call.pairwise("add", y, beta == 1 ? c : call.pairwise("multiply", c, beta));
  }
  call.give(y);
}

/// The axes of a value in the order of `wanted`, with axes of extent 1 where it has none.
View ordered(const View& x, const std::string& own, const std::string& wanted) {
  View y{x.node, {}};
  for (const char letter : wanted) {
    const std::size_t at = own.find(letter);
    y.axes.push_back(at == std::string::npos ? Axis{} : x.axes[at]);
  }
  return y;
}

/// A sum over products of two values: as a product of matrices.
void read_einsum(GeneralCall& call) {
  std::string equation = call.word("equation", "");
  std::erase(equation, ' ');
  const std::size_t comma = equation.find(','), arrow = equation.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || call.node.input_size() != 2 ||
      equation.find('.') != std::string::npos)
    call.unmapped("sums '", equation,
                  "'; only a sum over two values, such as bij,bjk->bik, is read");
  const std::string a = equation.substr(0, comma),
                    b = equation.substr(comma + 1, arrow - comma - 1),
                    y = equation.substr(arrow + 2);
  const View x = call.view(0), z = call.view(1);
  if (a.size() != x.axes.size() || b.size() != z.axes.size())
    fail(call.where(), " names ", a.size(), " and ", b.size(), " axes of ", x.axes.size(), " and ",
         z.axes.size());
  std::string shared, rows, columns, summed;  // of both, of the first, of the second, of no result
  for (const char letter : a) {
    const bool second = b.find(letter) != std::string::npos;
    const bool kept = y.find(letter) != std::string::npos;
    if (!second && !kept)
      call.unmapped("sums '", equation, "', where '", letter, "' is of one value");
    (second ? kept ? shared : summed : rows) += letter;
  }
  for (const char letter : b) {
    if (a.find(letter) != std::string::npos) continue;
    if (y.find(letter) == std::string::npos)
      call.unmapped("sums '", equation, "', where '", letter, "' is of one value");
    columns += letter;
  }
  const auto extents = [&](const std::string& letters) {
    std::vector<std::int64_t> all;
    for (const char letter : letters) {
      const std::size_t at = a.find(letter);
      all.push_back(at != std::string::npos ? extent_of(x.axes[at])
                                            : extent_of(z.axes[b.find(letter)]));
    }
    return all;
  };
  const auto size = [&](const std::string& letters) {
    std::int64_t product = 1;
    for (const std::int64_t extent : extents(letters)) product *= extent;
    return product;
  };
  const View left = call.reshaped(ordered(x, a, shared + rows + summed),
                                  {size(shared), size(rows), size(summed)});
  const View right = call.reshaped(ordered(z, b, shared + summed + columns),
                                   {size(shared), size(summed), size(columns)});
  const std::string there = shared + rows + columns;
  const View product = call.reshaped(call.product(left, right), extents(there));
  call.give(ordered(product, there, y));
}

}  // namespace

std::span<const Mapping> products() {
  static const Mapping all[] = {
      {.onnx = "MatMul", .general = read_matmul},
      {.onnx = "Gemm", .general = read_gemm},
      {.onnx = "Einsum", .general = read_einsum},
  };
  return all;
}

}  // namespace rectify::onnx::ops
