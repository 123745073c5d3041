#include <algorithm>

#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  const Shape &a = l.graph.input(l.node, 0).type.shape, &b = l.graph.input(l.node, 1).type.shape,
              &y = l.node.type.shape;
  const std::int64_t m = y[y.rank() - 2], n = y.back(), k = a.back();
  const auto before = [](const Shape& shape, std::int64_t last) {
    std::vector<std::int64_t> extents(shape.extents().begin(), shape.extents().end() - 2);
    extents.push_back(last);
    return Shape(std::move(extents));
  };
  // Where each matrix begins: a row of as many elements stands for it.
  const Shape all = before(y, 1);
  const auto starts = [&](const Shape& own, std::int64_t size) {
    std::vector<std::int64_t> strides = graph::broadcast_strides(before(own, 1), all);
    for (std::int64_t& stride : strides) stride *= size;
    return RowStarts(all, strides);
  };
  return [&threads = l.threads, from_a = l.input<float>(0), from_b = l.input<float>(1),
          to = l.output<float>(), m, n, k, at_a = starts(a, m * k), at_b = starts(b, k * n),
          matrices = static_cast<std::size_t>(all.size()), samples = samples_of(l),
          a_sample = sample_stride(l, 0), b_sample = sample_stride(l, 1)] {
    threads.run(samples * matrices, [&](std::size_t i) {
      const std::size_t sample = i / matrices, which = i % matrices;
      const auto size = static_cast<std::size_t>(m * n);
      float* const c = to + i * size;
      std::fill_n(c, size, 0.0f);
      multiply_add(matrix(from_a + sample * a_sample + at_a.at(which), m, k),
                   matrix(from_b + sample * b_sample + at_b.at(which), k, n), matrix(c, m, n));
    });
  };
}

}  // namespace

std::span<const Kernel> matrix_product() {
  static const Kernel all[] = {{.op = "matrix_product", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
