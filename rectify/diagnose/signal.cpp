#include "rectify/diagnose/signal.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/run/plan.h"
#include "rectify/train/feed/dataset_feed.h"
#include "rectify/train/initial_model.h"
#include "rectify/train/initialise.h"
#include "rectify/train/objective.h"

namespace rectify::diagnose {

using graph::NodeId;

namespace {

constexpr std::size_t most_floats = std::size_t{1} << 26;

double square_sum(std::span<const float> values) {
  double sum = 0;
  for (const float v : values) sum += static_cast<double>(v) * v;
  return sum;
}

double rms(std::span<const float> values) {
  return values.empty() ? 0 : std::sqrt(square_sum(values) / static_cast<double>(values.size()));
}

double mean(std::span<const float> values) {
  double sum = 0;
  for (const float v : values) sum += v;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

double median_size(std::span<const float> values) {
  std::vector<float> sizes;
  for (const float v : values) sizes.push_back(std::abs(v));
  if (sizes.empty()) return 0;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) / 2);
  std::ranges::nth_element(sizes, middle);
  return *middle;
}

/// Of a batch x ... x units value about each unit's mean.
double spread(std::span<const float> values, std::size_t units) {
  const std::size_t rows = values.size() / units;
  std::vector<double> sums(units), squares(units);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i % units] += values[i];
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double off = values[i] - sums[i % units] / static_cast<double>(rows);
    total += off * off;
  }
  return values.empty() ? 0 : std::sqrt(total / static_cast<double>(values.size()));
}

bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
}

/// The values of a plan that are looked at.
std::set<NodeId> looked_at(const graph::Graph& network, const train::Objective& objective) {
  const graph::Graph& graph = objective.graph;
  std::set<NodeId> kept(objective.losses.begin(), objective.losses.end());
  for (NodeId id = 0; id < network.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (node.op->layer || node.op->name == "add") {
      kept.insert(id);
      kept.insert(node.inputs.begin(), node.inputs.end());
    }
  }
  kept.insert(network.result);
  kept.insert(network.find("input"));
  for (const auto& [parameter, gradient] : objective.directions) {
    kept.insert(gradient);
    const graph::Node& node = graph.node(gradient);
    if (node.inputs.size() > 1) kept.insert(node.inputs[1]);
  }
  std::erase_if(kept, [&](NodeId id) { return graph.node(id).type.element != Element::float32; });
  return kept;
}

/// The activation that the value enters and nothing else does, through a norm.
std::string following(const graph::Graph& network, NodeId id) {
  for (int steps = 0; steps < 4; ++steps) {
    const std::vector<NodeId> users = network.users(id);
    NodeId next = -1;
    for (const NodeId user : users) {
      const graph::Node& node = network.node(user);
      if (graph::is_activation(node)) return node.label;
      if (!node.inputs.empty() && node.inputs[0] == id && node.op->name.ends_with("_norm"))
        next = user;
    }
    if (next < 0) break;
    id = next;
  }
  return {};
}

/// Reads what one layer did from a plan that has run.
class LayerReader {
 public:
  LayerReader(const graph::Graph& network, const train::Objective& objective, const run::Plan& plan)
      : network_(network), objective_(objective), plan_(plan) {}

  LayerSignal operator()(NodeId id) const {
    const graph::Node& node = network_.node(id);
    const graph::Node& weight = network_.input(node, 1);
    const std::span<const float> z = plan_.value(id), w = plan_.value(node.inputs[1]);
    LayerSignal layer{.label = node.label,
                      .weight = weight.label,
                      .activation = following(network_, id),
                      .weight_rms = rms(w),
                      .usual_rms = train::usual_deviation(network_, node.inputs[1]),
                      .input_rms = rms(plan_.value(node.inputs[0])),
                      .output_rms = rms(z)};
    const auto units = static_cast<std::size_t>(graph::last_extent(network_, id));
    layer.output_spread = spread(z, units);
    if (node.inputs.size() > 2) {
      layer.bias_rms = rms(plan_.value(node.inputs[2]));
      layer.bias_mean = mean(plan_.value(node.inputs[2]));
      layer.bias_median = median_size(plan_.value(node.inputs[2]));
    }
    add_gradients(node.inputs[1], layer);
    return layer;
  }

 private:
  void add_gradients(NodeId weight, LayerSignal& layer) const {
    const auto direction = objective_.directions.find(weight);
    if (direction == objective_.directions.end()) return;
    layer.weight_gradient_norm = std::sqrt(square_sum(plan_.value(direction->second)));
    const graph::Node& gradient = objective_.graph.node(direction->second);
    if (gradient.inputs.size() > 1)
      layer.gradient_rms =
          rms(plan_.value(gradient.inputs[1])) * static_cast<double>(plan_.batch());
  }

  const graph::Graph& network_;
  const train::Objective& objective_;
  const run::Plan& plan_;
};

/// How many samples fit.
std::size_t batch_for(const graph::Graph& graph, const std::set<NodeId>& kept, std::size_t wanted) {
  run::PlanOptions options{.training = true, .keep = kept, .fuse = false};
  for (std::size_t batch = wanted;; batch /= 2) {
    options.batch = static_cast<std::int64_t>(batch);
    if (batch <= 2 || run::Plan::arena_floats(graph, options) <= most_floats) return batch;
  }
}

std::string first_not_finite(const graph::Graph& graph, const std::set<NodeId>& kept,
                             const run::Plan& plan) {
  for (const NodeId id : kept)
    if (graph.node(id).label != "target" && !is_finite(plan.value(id))) return graph.node(id).label;
  return {};
}

}  // namespace

Signal measure_signal(const model::Model& model, const train::Options& options,
                      const data::Dataset& dataset, std::span<const std::uint32_t> samples,
                      ThreadPool& threads) {
  const graph::Graph& network = model.graph;
  const train::Objective objective =
      train::supervised(network, train::supervision_of(options, model, dataset));
  const std::set<NodeId> kept = looked_at(network, objective);
  samples = samples.first(batch_for(objective.graph, kept, samples.size()));
  run::Plan plan(objective.graph, model.layout, const_cast<float*>(model.parameters.data()),
                 threads,
                 {.batch = static_cast<std::int64_t>(samples.size()),
                  .training = true,
                  .keep = kept,
                  .fuse = false});
  train::DatasetFeed feed(options, dataset, samples, model.normalisation, threads);
  feed.begin_epoch(0);
  feed.fill(plan, objective.graph, samples);
  plan.run({.seed = options.seed, .step = 0});
  Signal signal{.samples = samples.size()};
  const LayerReader read(network, objective, plan);
  for (NodeId id = 0; id < network.size(); ++id) {
    const graph::Node& node = network.node(id);
    if (node.op->layer) signal.layers.push_back(read(id));
    if (node.op->name == "add" && node.inputs.size() == 2)
      signal.sums.push_back({node.label, rms(plan.value(std::min(node.inputs[0], node.inputs[1]))),
                             rms(plan.value(id))});
  }
  const std::span<const float> result = plan.value(network.result);
  const auto outputs = static_cast<std::size_t>(graph::last_extent(network, network.result));
  if (kept.contains(network.find("input")))
    signal.input_rms = rms(plan.value(network.find("input")));
  signal.result_rms = rms(result);
  signal.result_spread = spread(result, outputs);
  signal.loss = plan.value(objective.losses[0])[0];
  signal.first_not_finite = first_not_finite(objective.graph, kept, plan);
  return signal;
}

}  // namespace rectify::diagnose
