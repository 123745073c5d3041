// recurrent: h[t] = f(x[t] + h[t-1] U) along the places t of a sequence (T, H). h before the first
// place is 0, f is a row of the activation family, and U is (H, H). With a dense layer before it,
// `dense H | recurrent tanh`, it is the network of Elman 1990. With rectifiers, Le et al. 2015
// start from init=identity; the default, orthogonal, keeps lengths as well. A row with a learned or
// drawn number is used as in gate.cpp.

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "row",
     .initial = std::string(),
     .positional = true,
     .meaning = "activation, such as relu"},
    {.name = "init",
     .initial = std::string("orthogonal"),
     .choices = initialiser_names,
     .meaning = "how the weights from place to place are drawn"},
    {.name = "gain",
     .initial = 1.0,
     .low = 0,
     .high = 1e6,
     .meaning = "factor on the drawn weights"},
};

Type infer(const Graph& graph, const Node& node) {
  activation_row(node);  // throws for a name that is not in the family
  const Node& x = graph.input(node, 0);
  if (x.type.shape.rank() < 2)
    fail(where(node), " wants a sequence of rows, such as 28x100, but '", x.label, "' gives ",
         x.type.shape.text());
  const std::int64_t units = x.type.shape.back();
  const Node& weight = graph.input(node, 1);
  if (weight.type.shape != Shape{units, units})
    fail(where(node), " wants ", units, "x", units, " weights but '", weight.label, "' has ",
         weight.type.shape.text());
  return x.type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("recurrent");
  const std::int64_t units = last_extent(graph, input);
  Attributes weight;
  weight.set("init", given.word("init"));
  weight.set("gain", given.number("gain"));
  const NodeId u = graph.add_parameter(Shape{units, units}, weight, label + ".weight");
  return graph.add("recurrent", {input, u}, given, label);
}

// dU = the sum of h[t-1]^T dx[t]. This is the weight gradient of a dense layer whose input at each
// place is h at the place before.
void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::string stem = "d_" + node.label;
  const NodeId dx = graph.add("recurrent_gradient",
                              {context.upstream, node.inputs[0], node.inputs[1], context.node},
                              node.attributes, stem + ".input");
  const NodeId earlier = graph.add("recurrent_earlier", {context.node}, {}, stem + ".earlier");
  context.accumulate(1, graph.add("dense_weight_gradient", {earlier, dx}, {}, stem + ".weight"));
  if (context.wanted(0)) context.accumulate(0, dx);
}

double product_flops(const Node& node) {
  return 2 * static_cast<double>(node.type.shape.size()) *
         static_cast<double>(node.type.shape.back());
}

/// Whether the slope can be computed from h; otherwise the gradient computes x + h U again.
bool slope_is_in_output(const Node& node) {
  return activation_row(node).from_output(activation_parameters(node));
}

Cost cost(const Graph&, const Node& node) {
  const double product = product_flops(node),
               elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = product + 2 * elements,
          .gradient_flops = product * (slope_is_in_output(node) ? 2 : 3) + 2 * elements};
}
Cost gradient_cost(const Graph&, const Node& node) {
  return {.forward_flops = product_flops(node) * (slope_is_in_output(node) ? 1 : 2)};
}

Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }
Type earlier_type(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

}  // namespace

std::span<const Operator> recurrent() {
  static const Operator all[] = {
      {.name = "recurrent",
       .summary = "h[t] = f(x[t] + h[t-1] U)",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build},
      {.name = "recurrent_gradient",
       .summary = "dx[t] = (dh[t] + dx[t+1] U^T) f'(x[t] + h[t-1] U)",
       .attributes = attributes,
       .infer = gradient_type,
       .cost = gradient_cost},
      {.name = "recurrent_earlier",
       .summary = "h[t-1]; 0 at the first place",
       .infer = earlier_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
