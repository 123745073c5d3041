#include "rectify/lab/relufy/sites.h"

#include <algorithm>
#include <set>

#include "rectify/diagnose/heal/values.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::lab {

using graph::Graph;
using graph::Node;
using graph::NodeId;

namespace {

constexpr std::string_view gate_name = "gate";

std::string item_of(const Node& node) {
  const std::string row(graph::activation_row(node).name);
  if (graph::is_activation(node)) return row;
  const std::string_view name = graph::item_name(*node.op, node.attributes);
  return name == gate_name ? concat(gate_name, " ", row) : std::string(name);
}

/// The parameter that `node` adds to its value last; -1: it adds none.
NodeId added_last(const Graph& graph, const Node& node) {
  if (node.op->layer) return node.inputs.size() > 2 ? node.inputs[2] : -1;
  const NodeId shift = graph.find(node.label + ".shift");
  return shift >= 0 && node.inputs.back() == shift ? shift : -1;
}

Site site_at(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  Site site{.node = id, .item = item_of(node)};
  site.count = static_cast<std::size_t>(graph::last_extent(graph, id));
  if (node.op->name == gate_name && node.attributes.word("gate") == "second")
    site.first = site.count;
  const NodeId feeds = node.inputs[0];
  if (graph.users(feeds).size() != 1 || graph.node(feeds).op->given) return site;
  const NodeId bias = added_last(graph, graph.node(feeds));
  if (bias >= 0 && graph.users(bias).size() == 1) site.bias = bias;
  return site;
}

bool can_be_rectified(const Graph& graph, const Site& site) {
  const Node& node = graph.node(site.node);
  const activation::Row& row = graph::activation_row(node);
  return site.node != graph.result && row.name != "identity" &&
         !activation::has_exact_zeros(row, graph::activation_parameters(node));
}

}  // namespace

std::vector<Site> all_sites(const Graph& graph) {
  std::vector<Site> sites;
  for (NodeId id = 0; id < graph.size(); ++id)
    if (const Node& node = graph.node(id); graph::is_activation(node) || node.op->name == gate_name)
      sites.push_back(site_at(graph, id));
  return sites;
}

std::vector<Site> smooth_sites(const Graph& graph) {
  std::vector<Site> sites = all_sites(graph);
  std::erase_if(sites, [&](const Site& site) { return !can_be_rectified(graph, site); });
  return sites;
}

std::vector<double> zero_shares(const model::Model& model, std::span<const Site> sites,
                                const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                                ThreadPool& threads) {
  std::set<NodeId> keep;
  for (const Site& site : sites) keep.insert(site.node);
  std::vector<double> zeros(sites.size()), all(sites.size());
  diagnose::run_over(model, dataset, dataset.train, rows, keep, threads,
                     [&](const run::Plan& plan) {
                       for (std::size_t i = 0; i < sites.size(); ++i) {
                         const std::span<const float> values = plan.value(sites[i].node);
                         zeros[i] += static_cast<double>(std::ranges::count(values, 0.0f));
                         all[i] += static_cast<double>(values.size());
                       }
                     });
  for (std::size_t i = 0; i < sites.size(); ++i) zeros[i] /= std::max(1.0, all[i]);
  return zeros;
}

std::vector<float> values_of(const model::Model& model, NodeId node, const data::Dataset& dataset,
                             std::span<const std::uint32_t> rows, ThreadPool& threads) {
  constexpr std::size_t enough = std::size_t{1} << 20;
  const auto size = static_cast<std::size_t>(model.graph.node(node).type.shape.size());
  const auto looked_at = diagnose::spread_over(rows, std::max<std::size_t>(16, enough / size));
  std::vector<float> found;
  diagnose::run_over(model, dataset, dataset.train, looked_at, {node}, threads,
                     [&](const run::Plan& plan) {
                       const std::span<const float> values = plan.value(node);
                       found.insert(found.end(), values.begin(), values.end());
                     });
  return found;
}

double quantile_of(const model::Model& model, const Site& site, double share,
                   const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                   ThreadPool& threads) {
  const NodeId input = model.graph.node(site.node).inputs[0];
  const auto width = static_cast<std::size_t>(graph::last_extent(model.graph, input));
  std::vector<float> values = values_of(model, input, dataset, rows, threads);
  std::size_t count = 0;  // of those that the activation is applied to, which move to the front
  for (std::size_t i = 0; i < values.size(); ++i)
    if (const std::size_t unit = i % width; unit >= site.first && unit < site.first + site.count)
      values[count++] = values[i];
  if (count == 0) return 0;
  values.resize(count);
  const auto place =
      std::min(count - 1, static_cast<std::size_t>(share * static_cast<double>(count)));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
  return values[place];
}

}  // namespace rectify::lab
