// embedding: y = W[x], a row of learned numbers for each id x of the sample, with W (ids, units):
// (T) becomes (T, units). Ids are the numbers 0, 1, ... of the network's input. Any other number
// makes its row NaN, so that the mistake is visible.

#include "rectify/base/error.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "ids",
     .initial = std::int64_t{0},
     .positional = true,
     .low = 1,
     .high = 1 << 24,  // floats hold whole numbers up to here
     .meaning = "ids, such as a text's characters"},
    {.name = "units",
     .initial = std::int64_t{0},
     .positional = true,
     .low = 1,
     .high = 1 << 24,
     .meaning = "numbers for each id"},
    {.name = "init",
     .initial = std::string("auto"),
     .choices = initialiser_names,
     .meaning = "how the numbers are drawn"},
    {.name = "gain",
     .initial = 1.0,
     .low = 0,
     .high = 1e6,
     .meaning = "factor on the drawn numbers"},
};

Type infer(const Graph& graph, const Node& node) {
  const Node& x = graph.input(node, 0);
  if (x.op->name != "input")
    fail(where(node), " wants ids, the network's input, but '", x.label,
         "' is computed; put it first");
  std::vector<std::int64_t> extents = x.type.shape.extents();
  extents.push_back(last_extent(graph, node, 1));
  Type type = x.type;
  type.shape = Shape(std::move(extents));
  return type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("embedding");
  const std::int64_t ids = given.integer("ids"), units = given.integer("units");
  if (ids > (std::int64_t{1} << 36) / units)
    fail("embedding '", label, "': ", ids, " x ", units, " numbers are too many (2^36 at most)");
  Attributes weight;
  weight.set("init", given.word("init"));
  weight.set("gain", given.number("gain"));
  weight.set("fan", units);  // nothing is summed
  const NodeId rows = graph.add_parameter(Shape{ids, units}, weight, label + ".weight");
  return graph.add("embedding", {input, rows}, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  context.accumulate(1, graph.add("embedding_weight_gradient", {node.inputs[0], context.upstream},
                                  node.attributes, "d_" + node.label + ".weight"));
}

Cost cost(const Graph&, const Node& node) {
  return {.gradient_flops = static_cast<double>(node.type.shape.size())};
}

Type gradient_type(const Graph& graph, const Node& node) {
  return {.shape = Shape{node.attributes.integer("ids"), last_extent(graph, node, 1)},
          .per_sample = false};
}

}  // namespace

std::span<const Operator> embedding() {
  static const Operator all[] = {
      {.name = "embedding",
       .summary = "a row of learned numbers for each id",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .onnx = "Gather"},
      {.name = "embedding_weight_gradient",
       .summary = "for each id the sum of the dy of its places",
       .attributes = attributes,
       .infer = gradient_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
