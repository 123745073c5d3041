#include "rectify/run/profile.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::run {

namespace {

StepObserver& observer() {
  static StepObserver current;
  return current;
}

/// Whether the value is a product of matrices, as those of dense layers are.
bool is_product(const graph::Node& node) {
  return node.op->factors >= 2 && node.op->name.starts_with("dense");
}

/// Multiply-adds of a product, each counted as two: its three extents are those of the two factors
/// and of the result, of which each occurs twice.
double product_flops(const graph::Graph& graph, const graph::Node& node, std::int64_t batch) {
  const double a = static_cast<double>(graph.input(node, 0).type.size(batch));
  const double b = static_cast<double>(graph.input(node, 1).type.size(batch));
  const double c = static_cast<double>(node.type.size(batch));
  return 2 * std::sqrt(a * b * c);
}

double flops_of(const graph::Graph& graph, const graph::Node& node, std::int64_t batch) {
  if (is_product(node)) return product_flops(graph, node, batch);
  if (node.op->cost) return node.op->cost(graph, node).forward_flops * static_cast<double>(batch);
  return static_cast<double>(node.type.size(batch));
}

std::string shape_of(const graph::Graph& graph, const graph::Node& node, std::int64_t batch) {
  const std::string shape = node.type.shape.rank() == 0 ? "scalar" : node.type.shape.text();
  std::string text = node.type.per_sample ? concat(batch, "x", shape) : shape;
  if (is_product(node)) {
    const double inner = product_flops(graph, node, batch) / 2 /
                         static_cast<double>(std::max<std::int64_t>(1, node.type.size(batch)));
    text += concat(" by ", static_cast<std::int64_t>(inner + 0.5));
  }
  return text;
}

}  // namespace

void observe_steps(StepObserver to) { observer() = std::move(to); }
const StepObserver& step_observer() { return observer(); }

StepProfile describe_step(const graph::Graph& graph, const graph::Node& node, std::int64_t batch,
                          bool stored) {
  StepProfile step{.op = std::string(node.op->name),
                   .label = node.label,
                   .shape = shape_of(graph, node, batch),
                   .flops = flops_of(graph, node, batch)};
  for (const graph::NodeId input : node.inputs)
    step.bytes += static_cast<double>(graph.node(input).type.bytes(batch));
  // A sink reads and writes what the gradient is of.
  step.bytes += static_cast<double>(node.type.bytes(batch)) * (stored ? 1 : 2);
  return step;
}

void add_fused(StepProfile& step, const graph::Graph& graph, const graph::Node& fused,
               std::int64_t batch) {
  ++step.fused;
  step.flops += flops_of(graph, fused, batch);
  step.bytes += static_cast<double>(fused.type.bytes(batch));
  for (std::size_t i = 1; i < fused.inputs.size(); ++i)  // the first is in cache
    step.bytes += static_cast<double>(graph.input(fused, i).type.bytes(batch));
}

}  // namespace rectify::run
