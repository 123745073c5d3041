#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"
#include "rectify/verify/rule.h"

namespace rectify::verify {

namespace {

const Rule* find_rule(std::string_view op) {
  const auto all = rules();
  const auto found = std::ranges::find(all, op, &Rule::op);
  return found == all.end() ? nullptr : *found;
}

[[noreturn]] void fail_without_bounds(const graph::Node& node) {
  std::string known;
  for (const Rule* rule : rules()) known += (known.empty() ? "" : ", ") + std::string(rule->op);
  fail(graph::where(node),
       " has no bounds, so nothing can be proven; operators that have: ", known);
}

std::vector<bool> needed_by(const graph::Graph& graph) {
  std::vector<bool> needed(static_cast<std::size_t>(graph.size()));
  needed[static_cast<std::size_t>(graph.result)] = true;
  for (graph::NodeId id = graph.result; id >= 0; --id)
    if (needed[static_cast<std::size_t>(id)])
      for (const graph::NodeId input : graph.node(id).inputs)
        needed[static_cast<std::size_t>(input)] = true;
  return needed;
}

/// (v - mean) scale is one difference and one product in float32.
std::size_t add_normalisation(Lowering& lowering, const graph::Node& node,
                              const std::vector<data::Scaling>& scalings, std::size_t from) {
  std::vector<double> means, scales;
  for (const data::Scaling& by : scalings) means.push_back(by.mean), scales.push_back(by.scale);
  return lowering.add_centred(node, from, means, scales, 1);
}

/// An answer y is y / scale + mean.
void add_targets(Lowering& lowering, const graph::Node& node,
                 const std::vector<data::Scaling>& scalings, std::size_t from) {
  std::vector<double> factors(Lowering::width(node)), bias(factors.size());
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const data::Scaling& by = scalings[i % scalings.size()];
    factors[i] = 1 / static_cast<double>(by.scale), bias[i] = by.mean;
  }
  lowering.add_affine(node, from, Matrix::of_diagonal(factors), std::move(bias), 1);
}

[[noreturn]] void fail_not_finite(const std::string& what) {
  fail(what,
       " has a number that is not finite, so nothing can be proven about the network; give one "
       "whose numbers all are");
}

/// Where 0 times such a number is added up, bounds take it for 0, and the float network does not.
void check_finite(const model::Model& model, const std::vector<bool>& needed) {
  for (const run::ParameterSlot& slot : model.layout.slots()) {
    if (!needed[static_cast<std::size_t>(slot.node)]) continue;
    const std::span numbers(model.parameters.data() + slot.offset, slot.size);
    if (!std::ranges::all_of(numbers, [](float x) { return std::isfinite(x); }))
      fail_not_finite(graph::where(model.graph.node(slot.node)));
  }
}

/// The same of numbers that follow from these, and of the normalisation's.
void check_finite(const Network& network) {
  const auto are_finite = [](const std::vector<double>& numbers) {
    return std::ranges::all_of(numbers, [](double x) { return std::isfinite(x); });
  };
  for (const Layer& layer : network.layers) {
    bool all = are_finite(layer.bias);
    for (const Layer::Term& term : layer.terms)
      all = all && are_finite(term.matrix.dense) && are_finite(term.matrix.weight);
    if (!all) fail_not_finite(concat("'", layer.label, "'"));
  }
}

bool changes(const std::vector<data::Scaling>& scalings) {
  return std::ranges::any_of(scalings, [](const data::Scaling& s) { return s != data::Scaling{}; });
}

}  // namespace

Lowering::Lowering(const model::Model& model)
    : of_node(static_cast<std::size_t>(model.graph.size()), none), model_(model) {}

std::size_t Lowering::layer_of(const graph::Node& node, std::size_t input) const {
  const std::size_t layer = of_node[static_cast<std::size_t>(node.inputs[input])];
  if (layer == none)
    fail(graph::where(node), " reads ", graph::where(graph().input(node, input)),
         ", which is not computed from the network's input; nothing can be proven about it");
  return layer;
}

std::span<const float> Lowering::numbers(const graph::Node& node, std::size_t input) const {
  if (input >= node.inputs.size()) return {};
  const run::ParameterSlot& slot = model_.layout.slot_of(node.inputs[input]);
  return {model_.parameters.data() + slot.offset, slot.size};
}

const Shape& Lowering::shape(const graph::Node& node, std::size_t input) const {
  return graph().input(node, input).type.shape;
}

std::size_t Lowering::width(const graph::Node& node) {
  return static_cast<std::size_t>(node.type.shape.size());
}

std::size_t Lowering::add(Layer layer) {
  network_.layers.push_back(std::move(layer));
  return network_.layers.size() - 1;
}

std::size_t Lowering::add_affine(const graph::Node& node, std::size_t from, Matrix matrix,
                                 std::vector<double> bias, double products) {
  Layer layer;
  layer.kind = Kind::affine, layer.label = node.label, layer.width = matrix.out;
  bias.resize(matrix.out);
  layer.bias = std::move(bias);
  layer.terms.push_back({from, std::move(matrix)});
  if (products > 0)
    layer.rounding = float_rounding(products), layer.least = float_underflow(products);
  return add(std::move(layer));
}

std::size_t Lowering::add_centred(const graph::Node& node, std::size_t from,
                                  std::span<const double> means, std::span<const double> factors,
                                  double products) {
  std::vector<double> all(width(node)), bias(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = factors[i % factors.size()];
    bias[i] = -means[i % means.size()] * all[i];
  }
  const std::size_t layer =
      add_affine(node, from, Matrix::of_diagonal(all), std::move(bias), products);
  if (std::ranges::any_of(means, [](double mean) { return std::abs(mean) > least_overflow; }))
    network_.layers[layer].growth = std::numeric_limits<double>::infinity();
  return layer;
}

std::size_t Lowering::add_relu(const graph::Node& node, std::size_t source) {
  Layer layer;
  layer.kind = Kind::relu, layer.label = node.label, layer.source = source;
  layer.width = network_.layers[source].width;
  return add(std::move(layer));
}

std::size_t Lowering::add_curve(const graph::Node& node, std::size_t source, Curve curve) {
  const std::size_t at = add_relu(node, source);
  network_.layers[at].kind = Kind::smooth;
  network_.layers[at].curve = std::make_shared<const Curve>(std::move(curve));
  return at;
}

// In turns the numbers of each group are halved: max(a, b) = a + relu(b - a). A number without a
// partner goes on alone. All of this is exact, as comparing float numbers is.
std::size_t Lowering::add_largest(const graph::Node& node, std::size_t from,
                                  std::vector<std::vector<std::size_t>> groups) {
  const auto is_done = [](const auto& group) { return group.size() <= 1; };
  while (!std::ranges::all_of(groups, is_done)) {
    const auto width = network_.layers[from].width;
    std::vector<Entry> differences, firsts, rises;
    std::uint32_t pairs = 0, numbers = 0;
    for (std::vector<std::size_t>& group : groups) {
      std::vector<std::size_t> halved;
      for (std::size_t i = 0; i < group.size(); i += 2) {
        const auto a = static_cast<std::uint32_t>(group[i]);
        firsts.push_back({a, numbers, 1});
        if (i + 1 < group.size()) {
          differences.push_back({a, pairs, -1});
          differences.push_back({static_cast<std::uint32_t>(group[i + 1]), pairs, 1});
          rises.push_back({pairs++, numbers, 1});
        }
        halved.push_back(numbers++);
      }
      group = std::move(halved);
    }
    const std::size_t difference =
        add_affine(node, from, Matrix::of_entries(width, pairs, std::move(differences)), {}, 0);
    const std::size_t rise = add_relu(node, difference);
    const std::size_t sum =
        add_affine(node, from, Matrix::of_entries(width, numbers, std::move(firsts)), {}, 0);
    network_.layers[sum].terms.push_back(
        {rise, Matrix::of_entries(pairs, numbers, std::move(rises))});
    from = sum;
  }
  std::vector<Entry> order;
  for (std::size_t i = 0; i < groups.size(); ++i)
    order.push_back(
        {static_cast<std::uint32_t>(groups[i].at(0)), static_cast<std::uint32_t>(i), 1});
  return add_affine(
      node, from, Matrix::of_entries(network_.layers[from].width, groups.size(), std::move(order)),
      {}, 0);
}

double as_kernels_hold(double factor) {
  const double size = std::abs(factor);
  using Float = std::numeric_limits<float>;
  return size < Float::min() || size > Float::max() ? static_cast<float>(factor) : factor;
}

std::vector<std::vector<std::size_t>> window_groups(const Lowering& lowering,
                                                    const graph::Node& node) {
  const Shape& image = lowering.shape(node, 0);
  const auto [y, x] = graph::window_of(node.attributes, image);
  const std::int64_t channels = image.back();
  std::vector<std::vector<std::size_t>> groups(Lowering::width(node));
  for (std::size_t place = 0; place < groups.size(); ++place) {
    const auto at = static_cast<std::int64_t>(place);
    const std::int64_t j = at / channels % x.out, i = at / channels / x.out;
    for (std::int64_t tap = 0; tap < y.size * x.size; ++tap) {
      const std::int64_t row = i * y.stride + tap / x.size * y.dilation - y.before;
      const std::int64_t column = j * x.stride + tap % x.size * x.dilation - x.before;
      if (row >= 0 && row < y.in && column >= 0 && column < x.in)
        groups[place].push_back(
            static_cast<std::size_t>((row * x.in + column) * channels + at % channels));
    }
  }
  return groups;
}

Network network_of(const model::Predictor& predictor) {
  if (predictor.weights() != run::WeightPrecision::fp32)
    fail("the predictor keeps its weights as ", name_of(predictor.weights()),
         ", which are not those of its model, so nothing can be proven about it; make one that "
         "keeps them as fp32");
  const model::Model& model = predictor.model();
  const graph::Graph& graph = model.graph;
  Lowering lowering(model);
  const graph::NodeId input = graph.find("input");
  if (graph.node(input).type.element != Element::float32)
    fail(graph::where(graph.node(input)),
         " takes ids, not numbers, so it has no box of inputs; verify takes networks of numbers");
  Layer first;
  first.label = graph.node(input).label, first.width = Lowering::width(graph.node(input));
  std::size_t at = lowering.add(std::move(first));
  if (changes(model.normalisation.inputs))
    at = add_normalisation(lowering, graph.node(input), model.normalisation.inputs, at);
  lowering.of_node[static_cast<std::size_t>(input)] = at;

  const std::vector<bool> needed = needed_by(graph);
  check_finite(model, needed);
  for (graph::NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (!needed[static_cast<std::size_t>(id)] || id == input || node.op->given) continue;
    if (node.op->part) continue;  // numbers that the node after it reads
    const Rule* rule = find_rule(node.op->name);
    if (!rule || node.type.element != Element::float32) fail_without_bounds(node);
    lowering.of_node[static_cast<std::size_t>(id)] = rule->lower(lowering, node);
  }
  const graph::Node& result = graph.node(graph.result);
  const std::size_t last = lowering.of_node[static_cast<std::size_t>(graph.result)];
  // The output is the last layer, and an affine one, as half spaces are of sums.
  const std::vector<double> ones(Lowering::width(result), 1.0);
  if (!model.normalisation.targets.empty() && changes(model.normalisation.targets))
    add_targets(lowering, result, model.normalisation.targets, last);
  else if (last + 1 != lowering.network().layers.size() ||
           lowering.network().layers[last].kind != Kind::affine)
    lowering.add_affine(result, last, Matrix::of_diagonal(ones), {}, 0);
  check_finite(lowering.network());
  return std::move(lowering.network());
}

}  // namespace rectify::verify
