#include "rectify/graph/loss.h"

#include "rectify/base/error.h"

namespace rectify::graph {

Shape rows_of(const Shape& prediction) {
  const std::vector<std::int64_t>& extents = prediction.extents();
  return Shape(extents.empty() ? extents : std::vector(extents.begin(), extents.end() - 1));
}

namespace {

void check_target(const Graph& graph, const Node& node) {
  const Node &prediction = graph.input(node, 0), &target = graph.input(node, 1);
  const bool classes = target.type.element == Element::int32;
  if (target.type.shape != (classes ? rows_of(prediction.type.shape) : prediction.type.shape))
    fail(where(node), ": the targets have ", target.type.shape.text(),
         classes ? " classes but '" : " numbers but '", prediction.label, "' gives ",
         prediction.type.shape.text());
  if (node.inputs.size() > 2 && graph.input(node, 2).type.shape != rows_of(prediction.type.shape))
    fail(where(node), ": the weights have ", graph.input(node, 2).type.shape.text(),
         " numbers but '", prediction.label, "' gives ", prediction.type.shape.text());
}

Type scalar(const Graph& graph, const Node& node) {
  check_target(graph, node);
  return {.shape = {}, .per_sample = false};
}

Type like_prediction(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  const std::string name = std::string(node.op->name) + "_gradient";
  context.accumulate(0, context.graph.add(name, node.inputs, node.attributes, "d_" + node.label));
}

Cost cost(const Graph& graph, const Node& node) {
  const double outputs = static_cast<double>(graph.input(node, 0).type.shape.size());
  return {.forward_flops = 3 * outputs, .gradient_flops = 2 * outputs};
}

}  // namespace

Operator loss_operator(std::string_view name, std::string_view summary) {
  return {.name = name,
          .summary = summary,
          .infer = scalar,
          .differentiate = differentiate,
          .cost = cost,
          .loss = true};
}

Operator loss_gradient_operator(std::string_view name, std::string_view summary) {
  return {.name = name, .summary = summary, .infer = like_prediction};
}

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const Operator* op : operators())
    if (op->loss && find_operator(std::string(op->name) + "_gradient")->infer == like_prediction)
      names.emplace_back(op->name);
  return names;
}

}  // namespace rectify::graph
