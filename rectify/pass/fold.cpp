#include "rectify/pass/fold.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "rectify/graph/operator.h"

namespace rectify::pass {

using graph::Graph;
using graph::NodeId;

namespace {

/// The nodes that are removed with the batch_norm; none when it cannot be folded into its input.
std::vector<NodeId> goes_with(const Graph& graph, NodeId norm) {
  const graph::Node& node = graph.node(norm);
  const NodeId layer = node.inputs[0], statistics = node.inputs[1];
  if (!graph.node(layer).op->layer || graph.users(layer) != std::vector{statistics, norm})
    return {};
  std::vector<NodeId> own(graph.node(layer).inputs.begin() + 1, graph.node(layer).inputs.end());
  std::vector<NodeId> gone = {graph.node(statistics).inputs[1], graph.node(statistics).inputs[2],
                              statistics};
  gone.insert(gone.end(), node.inputs.begin() + 2, node.inputs.end());
  own.insert(own.end(), gone.begin(), gone.end());
  const bool shared =
      std::ranges::any_of(own, [&](NodeId id) { return graph.users(id).size() > 1; });
  gone.push_back(norm);
  return shared ? std::vector<NodeId>{} : gone;
}

/// How a batch_norm changes each channel in inference: (x - mean) factor + shift.
struct Constants {
  std::vector<double> factor, mean, shift;
};

Constants constants_of(const Graph& graph, NodeId norm, const Numbers& numbers) {
  const graph::Node& node = graph.node(norm);
  const graph::Node& statistics = graph.input(node, 1);
  const std::vector<float>& mean = numbers.at(statistics.inputs[1]);
  const std::vector<float>& variance = numbers.at(statistics.inputs[2]);
  const bool affine = node.inputs.size() > 2;
  Constants c{.mean = {mean.begin(), mean.end()}};
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double scale = affine ? numbers.at(node.inputs[2])[i] : 1;
    c.factor.push_back(scale / std::sqrt(variance[i] + node.attributes.number("epsilon")));
    c.shift.push_back(affine ? numbers.at(node.inputs[3])[i] : 0);
  }
  return c;
}

std::vector<float> folded_weight(std::vector<float> weight, const Constants& c) {
  for (std::size_t i = 0; i < weight.size(); ++i)
    weight[i] = static_cast<float>(weight[i] * c.factor[i % c.factor.size()]);
  return weight;
}

std::vector<float> folded_bias(std::vector<float> bias, const Constants& c) {
  for (std::size_t i = 0; i < bias.size(); ++i)
    bias[i] = static_cast<float>((bias[i] - c.mean[i]) * c.factor[i] + c.shift[i]);
  return bias;
}

/// Writes the folded numbers for the new node of `layer`, and gives it a bias if it has none.
void fold_into(Folded& now, graph::Node& layer, const Constants& c) {
  std::vector<float>& weight = now.numbers.at(layer.inputs[1]);
  weight = folded_weight(std::move(weight), c);
  if (layer.inputs.size() == 2) {
    const auto channels = static_cast<std::int64_t>(c.mean.size());
    layer.inputs.push_back(now.graph.add_parameter(Shape{channels}, {}, layer.label + ".bias"));
    now.numbers[layer.inputs[2]].resize(c.mean.size());
    layer.attributes.set("bias", std::string("yes"));
  }
  std::vector<float>& bias = now.numbers.at(layer.inputs[2]);
  bias = folded_bias(std::move(bias), c);
}

}  // namespace

Folded fold_batch_norm(const Graph& graph, const Numbers& numbers) {
  std::set<NodeId> gone;
  std::map<NodeId, NodeId> norm_of;  // by layer
  for (const NodeId norm : graph.all("batch_norm")) {
    const std::vector<NodeId> nodes = goes_with(graph, norm);
    gone.insert(nodes.begin(), nodes.end());
    if (!nodes.empty()) norm_of[graph.node(norm).inputs[0]] = norm;
  }
  Folded now;
  std::vector<NodeId> at(static_cast<std::size_t>(graph.size()), -1);
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (gone.contains(id)) continue;
    graph::Node node = graph.node(id);
    for (NodeId& input : node.inputs) input = at[input];
    const auto norm = norm_of.find(id);
    if (norm != norm_of.end()) fold_into(now, node, constants_of(graph, norm->second, numbers));
    at[id] = now.graph.add_copy(std::move(node));
    if (norm != norm_of.end()) at[norm->second] = at[id];
    if (const auto given = numbers.find(id); given != numbers.end())
      now.numbers[at[id]] = given->second;
  }
  now.graph.result = at[graph.result];
  return now;
}

}  // namespace rectify::pass
