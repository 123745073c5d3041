#include "rectify/lab/relufy/readers.h"

#include <algorithm>
#include <vector>

#include "rectify/diagnose/heal/links.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/graph/operator.h"
#include "rectify/lab/relufy/sites.h"

namespace rectify::lab {

using graph::Graph;
using graph::Node;
using graph::NodeId;

namespace {

/// f(x) = factor r(x) + offset.
struct Line {
  double factor = 1, offset = 0;
};

/// Whether what comes through a line is a line behind the node too, wherever the sample is.
bool keeps_lines(const Node& node) {
  static constexpr std::string_view names[] = {"dropout", "flatten", "max_pool", "global_avg_pool"};
  return std::ranges::count(names, node.op->name) > 0;
}

/// The dense layer of a weight that reads the activation; -1 where a line cannot be put into it.
NodeId adaptable(const Graph& graph, NodeId weight, NodeId activation) {
  const NodeId layer = graph.users(weight).front();
  const Node& node = graph.node(layer);
  if (node.op->name != "dense" || node.inputs.size() < 3) return -1;
  if (graph.users(node.inputs[2]).size() != 1) return -1;
  NodeId from = node.inputs[0];
  while (from != activation && keeps_lines(graph.node(from))) from = graph.node(from).inputs[0];
  return from == activation ? layer : -1;
}

/// The dense layers that read the activation; empty where lines cannot be put into all of them.
std::vector<NodeId> adaptable_readers(const Graph& graph, NodeId activation) {
  const auto all = diagnose::links_of(graph);
  const auto links = std::ranges::find(all, activation, &diagnose::Links::activation);
  std::vector<NodeId> layers;
  if (links == all.end() || !links->refusal.empty()) return layers;
  for (const NodeId weight : links->readers) layers.push_back(adaptable(graph, weight, activation));
  if (std::ranges::count(layers, -1) > 0) layers.clear();
  return layers;
}

std::vector<Line> lines_between(const std::vector<float>& f, const std::vector<float>& r,
                                std::size_t units) {
  struct Sums {
    double n = 0, f = 0, r = 0, rf = 0, rr = 0;
  };
  std::vector<Sums> sums(units);
  for (std::size_t i = 0; i < f.size(); ++i) {
    Sums& s = sums[i % units];
    const double x = r[i], y = f[i];
    s.n += 1, s.f += y, s.r += x, s.rf += x * y, s.rr += x * x;
  }
  std::vector<Line> lines;
  for (const Sums& s : sums) {
    const double spread = s.rr - s.r * s.r / s.n, both = s.rf - s.r * s.f / s.n;
    Line line;
    if (spread > 0) line.factor = std::clamp(both / spread, 0.1, 10.0);
    line.offset = (s.f - line.factor * s.r) / s.n;
    lines.push_back(line);
  }
  return lines;
}

void put_lines(model::Model& model, NodeId layer, const std::vector<Line>& lines) {
  const Node& node = model.graph.node(layer);
  const diagnose::ReaderRows rows = diagnose::reader_rows(model, node.inputs[1]);
  const std::span<float> bias = diagnose::numbers_of(model, node.inputs[2]);
  std::vector<double> moved(bias.begin(), bias.end());
  for (std::size_t i = 0; i < rows.numbers.size(); ++i) {
    const Line& line = lines[i / rows.outputs % lines.size()];
    moved[i % rows.outputs] += line.offset * rows.numbers[i];
    rows.numbers[i] = static_cast<float>(line.factor * rows.numbers[i]);
  }
  std::ranges::transform(moved, bias.begin(), [](double b) { return static_cast<float>(b); });
}

}  // namespace

bool adapt_readers(const model::Model& before, model::Model& after, const SwappedLayer& layer,
                   const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                   ThreadPool& threads) {
  const NodeId activation = after.graph.find(layer.after);
  const std::vector<NodeId> readers = adaptable_readers(after.graph, activation);
  if (readers.empty()) return false;
  const std::vector<float> f =
      values_of(before, before.graph.find(layer.before), dataset, rows, threads);
  const std::vector<float> r = values_of(after, activation, dataset, rows, threads);
  const auto lines =
      lines_between(f, r, static_cast<std::size_t>(graph::last_extent(after.graph, activation)));
  for (const NodeId reader : readers) put_lines(after, reader, lines);
  return true;
}

}  // namespace rectify::lab
