// concat: joins the inputs side by side along the last axis, as in a dense block: Huang et al.
// 2017. The gradient in each input is its part of dy.

#include <limits>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec part[] = {{.name = "first", .initial = std::int64_t{0}},
                              {.name = "size", .initial = std::int64_t{0}}};

Type infer(const Graph& graph, const Node& node) {
  check_joined(node, 2, std::numeric_limits<std::size_t>::max());
  constexpr std::int64_t largest = std::int64_t{1} << 40;
  const Node& first = graph.input(node, 0);
  std::int64_t last = 0, elements = 0;
  bool per_sample = false;  // values without a batch are the same in every sample
  for (const NodeId id : node.inputs) {
    const Node& other = graph.node(id);
    per_sample = per_sample || other.type.per_sample;
    if (with_last_extent(other.type, 1).shape != with_last_extent(first.type, 1).shape ||
        other.type.element != first.type.element)
      fail(where(node), " wants shapes that are equal but for the last axis, but '", first.label,
           "' gives ", first.type.shape.text(), " and '", other.label, "' gives ",
           other.type.shape.text());
    last += last_extent(graph, id);
    elements += other.type.shape.size();
    if (elements > largest) fail(where(node), " has more than 2^40 elements a sample");
  }
  Type type = with_last_extent(first.type, last);
  type.per_sample = per_sample;
  return type;
}

Type part_type(const Graph& graph, const Node& node) {
  return with_last_extent(graph.input(node, 0).type, node.attributes.integer("size"));
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  std::int64_t first = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const std::int64_t size = last_extent(graph, node, i);
    Attributes attributes;
    attributes.set("first", first);
    attributes.set("size", size);
    first += size;
    if (context.wanted(i))
      context.accumulate(i, graph.add("concat_gradient", {context.upstream}, attributes,
                                      "d_" + node.label + "." + std::to_string(i + 1)));
  }
}

}  // namespace

std::span<const Operator> concat() {
  static const Operator all[] = {
      {.name = "concat",
       .summary = "joins the inputs along the last axis",
       .infer = infer,
       .differentiate = differentiate,
       .joins = true,
       .onnx = "Concat"},
      {.name = "concat_gradient",
       .summary = "an input's part of dy",
       .attributes = part,
       .infer = part_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
