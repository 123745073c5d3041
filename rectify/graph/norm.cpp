#include "rectify/graph/norm.h"

#include <algorithm>

#include "rectify/base/error.h"

namespace rectify::graph {

const AttributeSpec& epsilon_attribute() {
  static const AttributeSpec spec{.name = "epsilon",
                                  .initial = 1e-5,
                                  .low = 1e-12,
                                  .high = 1,
                                  .meaning = "added to the variance"};
  return spec;
}

const AttributeSpec& affine_attribute() {
  static constexpr std::string_view yes_no[] = {"yes", "no"};
  static const AttributeSpec spec{.name = "affine",
                                  .initial = std::string("yes"),
                                  .choices = yes_no,
                                  .meaning = "learn a scale and a shift for each channel"};
  return spec;
}

NodeId add_channel_parameter(Graph& graph, NodeId input, double start, std::string label) {
  Attributes attributes;
  attributes.set("start", start);
  return graph.add_parameter(Shape{last_extent(graph, input)}, attributes, std::move(label));
}

Type channel_numbers(const Graph& graph, const Node& node, std::size_t input, std::int64_t rows) {
  return {.shape = Shape{rows, last_extent(graph, node, input)}, .per_sample = false};
}

void expect_type(const Graph& graph, const Node& node, std::size_t input, const Type& type) {
  const Node& given = graph.input(node, input);
  if (given.type != type)
    fail(where(node), " wants ", type.shape.text(), " numbers but '", given.label, "' gives ",
         given.type.shape.text(), given.type.per_sample ? " a sample" : "");
}

bool needs_two_samples(const Graph& graph) {
  return std::ranges::any_of(graph.all("batch_norm_statistics"), [&](NodeId id) {
    const NodeId x = graph.node(id).inputs[0];
    return graph.node(x).type.shape.size() <= last_extent(graph, x);
  });
}

Cost norm_cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = 7 * elements, .gradient_flops = 12 * elements};
}

}  // namespace rectify::graph
