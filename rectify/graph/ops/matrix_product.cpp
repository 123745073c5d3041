// matrix_product: y = a b of the matrices in the last two axes; the axes before these are repeated
// where they are 1, as in NumPy. Forward only: it is for networks from elsewhere (docs/onnx.md).

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  check_joined(node, 2, 2);
  const Node &a = graph.input(node, 0), &b = graph.input(node, 1);
  const std::size_t m = a.type.shape.rank(), n = b.type.shape.rank();
  if (m < 2 || n < 2 || a.type.shape[m - 1] != b.type.shape[n - 2])
    fail(where(node),
         " wants matrices of which the first has as many columns as the second rows, "
         "but '",
         a.label, "' gives ", a.type.shape.text(), " and '", b.label, "' gives ",
         b.type.shape.text());
  const auto before = [](const Shape& shape) {
    return Shape(std::vector(shape.extents().begin(), shape.extents().end() - 2));
  };
  std::vector<std::int64_t> extents =
      broadcast(node, before(a.type.shape), before(b.type.shape)).extents();
  extents.push_back(a.type.shape[m - 2]);
  extents.push_back(b.type.shape[n - 1]);
  return type_of(graph, node, Shape(std::move(extents)));
}

Cost cost(const Graph& graph, const Node& node) {
  return {.forward_flops = 2.0 * static_cast<double>(node.type.shape.size()) *
                           static_cast<double>(graph.input(node, 0).type.shape.back())};
}

}  // namespace

std::span<const Operator> matrix_product() {
  static const Operator all[] = {{.name = "matrix_product",
                                  .summary = "y = a b of matrices",
                                  .infer = infer,
                                  .cost = cost,
                                  .joins = true}};
  return all;
}

}  // namespace rectify::graph::ops
