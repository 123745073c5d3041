// gate: y = f(a) b, where a and b are the two halves of the last axis and f is a row of the
// activation family: Dauphin et al. 2017 (glu, bilinear) and Shazeer 2020 (reglu, geglu, swiglu).
// They gate by the first half; PyTorch's glu gates by the second. A row with a learned or drawn
// number is used with the number that it starts from, and without noise.

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view halves[] = {"first", "second"};
const AttributeSpec attributes[] = {
    {.name = "row",
     .initial = std::string(),
     .positional = true,
     .meaning = "activation, such as silu"},
    {.name = "gate",
     .initial = std::string("first"),
     .choices = halves,
     .meaning = "the half that f is applied to"},
};
constexpr Shorthand shorthands[] = {{"glu", "row", "sigmoid"},
                                    {"reglu", "row", "relu"},
                                    {"geglu", "row", "gelu"},
                                    {"swiglu", "row", "silu"},
                                    {"bilinear", "row", "identity"}};

Type infer(const Graph& graph, const Node& node) {
  activation_row(node);  // throws for a name that is not in the family
  const std::int64_t last = last_extent(graph, node, 0);
  if (last % 2 != 0)
    fail(where(node), " halves the last axis but '", graph.input(node, 0).label, "' gives ", last,
         "; make it ", last + 1);
  return with_last_extent(graph.input(node, 0).type, last / 2);
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label(item_name(*find_operator("gate"), given));
  return graph.add("gate", {input}, given, std::move(label));
}

Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  context.accumulate(0, context.graph.add("gate_gradient", {context.upstream, node.inputs[0]},
                                          node.attributes, "d_" + node.label));
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = 2 * elements, .gradient_flops = 4 * elements};
}

}  // namespace

std::span<const Operator> gate() {
  static const Operator all[] = {
      {.name = "gate",
       .summary = "y = f(a) b, a and b the halves of the last axis",
       .attributes = attributes,
       .shorthands = shorthands,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build},
      {.name = "gate_gradient",
       .summary = "da = dy b f'(a), db = dy f(a)",
       .attributes = attributes,
       .infer = gradient_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
