#include "rectify/graph/pool.h"

namespace rectify::graph {

std::span<const AttributeSpec> pool_attributes() {
  static const AttributeSpec specs[] = {
      {.name = "kernel",
       .initial = std::string(),
       .positional = true,
       .meaning = "window, such as 2 or 3x3"},
      {.name = "stride",
       .initial = std::string("kernel"),
       .meaning = "how far the window moves: kernel, N or HxW"},
      {.name = "padding", .initial = std::string("valid"), .meaning = "same, valid, N or HxW"},
  };
  return specs;
}

Type pool_type(const Graph& graph, const Node& node) {
  return image_type(node, window_over(graph, node), image_of(graph, node).back());
}

Cost pool_cost(const Graph& graph, const Node& node) {
  const Window window = window_over(graph, node);
  const double taps = static_cast<double>(node.type.shape.size() * window.y.size * window.x.size);
  return {.forward_flops = taps, .gradient_flops = taps};
}

}  // namespace rectify::graph
