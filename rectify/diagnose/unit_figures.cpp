#include "rectify/diagnose/unit_figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/diagnose/tally.h"
#include "rectify/diagnose/unit_tally.h"
#include "rectify/graph/activate.h"
#include "rectify/model/slope.h"
#include "rectify/run/plan.h"

namespace rectify::diagnose {

using graph::NodeId;

namespace {

constexpr double rare = 0.001;    ///< firing below that share is nearly dead
constexpr double mostly = 0.95;   ///< share of flat outputs of a saturated unit
constexpr std::size_t few = 128;  ///< inputs that units are compared on
constexpr float same = 1e-5f;     ///< of a unit's largest output: rounding

/// The outputs of one layer on a few inputs, by channel: few rows of `channels` numbers, and each
/// unit of the channels apart where there are positions.
struct FewOutputs {
  std::size_t samples = 0, units = 0, channels = 0;
  std::vector<float> values;  ///< samples x units

  void add(std::span<const float> y) {
    const std::size_t wanted = std::min(few - samples, y.size() / units);
    values.insert(values.end(), y.begin(), y.begin() + static_cast<std::ptrdiff_t>(wanted * units));
    samples += wanted;
  }
};

double participation(const FewOutputs& outputs) {
  const std::size_t n = outputs.samples, c = outputs.channels, p = outputs.units / c;
  std::vector<float> centred(n * c);
  for (std::size_t i = 0; i < outputs.values.size(); ++i)
    centred[i / outputs.units * c + i % c] += outputs.values[i] / static_cast<float>(p);
  for (std::size_t u = 0; u < c; ++u) {
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += centred[i * c + u];
    for (std::size_t i = 0; i < n; ++i)
      centred[i * c + u] -= static_cast<float>(mean / static_cast<double>(n));
  }
  double trace = 0, square = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double dot = tally_loops().product(&centred[i * c], &centred[j * c], c);
      if (i == j) trace += dot;
      square += dot * dot * (i == j ? 1 : 2);
    }
  return square > 0 ? trace * trace / square : 0;
}

/// Finds units that give the same: neighbours after sorting by a sum with uneven factors, which is
/// the same for such units, up to rounding.
void find_twins(const FewOutputs& outputs, std::vector<UnitFigures>& units) {
  std::vector<double> key(units.size());
  std::vector<float> size(units.size());
  for (std::size_t i = 0; i < outputs.values.size(); i += outputs.channels) {
    const double factor = std::sin(1 + static_cast<double>(i / outputs.channels));
    for (std::size_t u = 0; u < units.size(); ++u) {
      key[u] += outputs.values[i + u] * factor;
      size[u] = std::max(size[u], std::abs(outputs.values[i + u]));
    }
  }
  const auto alike = [&](std::size_t a, std::size_t b) {
    for (std::size_t i = 0; i < outputs.values.size(); i += outputs.channels)
      if (std::abs(outputs.values[i + a] - outputs.values[i + b]) > same * size[a]) return false;
    return true;
  };
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order,
                    [&](auto a, auto b) { return std::pair(key[a], a) < std::pair(key[b], b); });
  const auto count = static_cast<double>(outputs.values.size() / outputs.channels);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const std::size_t a = std::min(order[i], order[j]), b = std::max(order[i], order[j]);
      if (key[order[j]] - key[order[i]] > 2 * same * size[order[i]] * count) break;
      if (size[a] == 0 || units[a].twin >= 0 || units[b].twin >= 0 || !alike(a, b)) continue;
      units[b].twin = static_cast<std::int64_t>(a);
    }
}

Verdict verdict_of(const UnitFigures& unit, const activation::Properties& properties,
                   std::size_t outputs) {
  if (unit.firing == 0 || (unit.smallest == unit.largest && outputs > 1)) return Verdict::dead;
  const bool two_sided = properties.saturates_left && properties.saturates_right;
  if (!two_sided && properties.saturates_left && 1 - unit.flat < rare) return Verdict::nearly_dead;
  if (two_sided && unit.flat >= mostly) return Verdict::saturated;
  if (unit.twin >= 0) return Verdict::duplicate;
  const bool can_be_off = properties.exact_zeros;
  constexpr double always = 1 - 1e-9;  // a share of many positions is a rounded sum
  if (can_be_off && unit.firing >= always && outputs > 1) return Verdict::always_on;
  return Verdict::healthy;
}

/// The figures of each channel, from those of its units.
std::vector<UnitFigures> figures_of(const UnitTally& tally, std::size_t channels) {
  std::vector<UnitFigures> all(channels);
  const std::size_t positions = tally.units() / channels;
  const auto outputs = static_cast<double>(tally.samples * positions);
  const auto n = static_cast<double>(tally.samples);
  for (std::size_t c = 0; c < channels; ++c) {
    UnitFigures& unit = all[c];
    unit.smallest = tally.smallest[c];
    unit.largest = tally.largest[c];
    double second = 0;  // moment of z, about the first position's pivot
    const double pivot = tally.pivot[c];
    for (std::size_t u = c; u < tally.units(); u += channels) {
      unit.firing += static_cast<double>(tally.firing[u]) / outputs;
      unit.flat += static_cast<double>(tally.flat[u]) / outputs;
      unit.zeros += static_cast<double>(tally.zeros[u]) / outputs;
      const double off = tally.pivot[u] - pivot;
      unit.mean += (tally.sum[u] + n * off) / outputs;
      second += (tally.squares[u] + 2 * off * tally.sum[u] + n * off * off) / outputs;
      unit.output_mean += tally.output_sum[u] / outputs;
      unit.output_square += tally.output_squares[u] / outputs;
      unit.smallest = std::min<double>(unit.smallest, tally.smallest[u]);
      unit.largest = std::max<double>(unit.largest, tally.largest[u]);
    }
    unit.variance = std::max(0.0, second - unit.mean * unit.mean);
    unit.mean += pivot;
  }
  return all;
}

/// One layer while its samples are counted.
struct Watched {
  NodeId id;
  float flat;
  UnitTally tally;
  FewOutputs outputs;
};

std::vector<Watched> watched_layers(const graph::Graph& graph) {
  std::vector<Watched> layers;
  for (const NodeId id : graph::hidden_outputs(graph)) {
    const Shape& shape = graph.node(id).type.shape;
    const auto units = static_cast<std::size_t>(shape.size());
    const auto channels = static_cast<std::size_t>(shape.rank() == 0 ? 1 : shape.back());
    layers.push_back({id, model::flat_slope(graph.node(id)), UnitTally(units),
                      FewOutputs{.units = units, .channels = channels}});
  }
  return layers;
}

LayerFigures layer_figures(const graph::Graph& graph, const Watched& layer) {
  const graph::Node& node = graph.node(layer.id);
  const activation::Row& row = graph::activation_row(node);
  const std::size_t channels = layer.outputs.channels, units = layer.outputs.units;
  LayerFigures figures{
      .label = node.label,
      .activation = std::string(graph::is_selection(node) ? node.op->name : row.name),
      .weight = graph::feeding_weight(graph, layer.id),
      .positions = static_cast<std::int64_t>(units / channels),
      .units = figures_of(layer.tally, channels)};
  find_twins(layer.outputs, figures.units);
  const auto properties = activation::properties(row, graph::activation_parameters(node));
  for (UnitFigures& unit : figures.units)
    unit.verdict = verdict_of(unit, properties, layer.tally.samples * units / channels);
  figures.effective_rank = participation(layer.outputs);
  return figures;
}

}  // namespace

std::int64_t LayerFigures::count(Verdict verdict) const {
  return std::ranges::count(units, verdict, &UnitFigures::verdict);
}

double LayerFigures::share(Verdict verdict) const {
  return units.empty() ? 0
                       : static_cast<double>(count(verdict)) / static_cast<double>(units.size());
}

namespace {

template <class Of>
double mean_over(const std::vector<UnitFigures>& units, Of&& of) {
  double sum = 0;
  for (const UnitFigures& unit : units) sum += of(unit);
  return units.empty() ? 0 : sum / static_cast<double>(units.size());
}

}  // namespace

double LayerFigures::zero_share() const {
  return mean_over(units, [](const UnitFigures& u) { return u.zeros; });
}

double LayerFigures::pre_activation_rms() const {
  return std::sqrt(
      mean_over(units, [](const UnitFigures& u) { return u.variance + u.mean * u.mean; }));
}

double LayerFigures::output_rms() const {
  return std::sqrt(mean_over(units, [](const UnitFigures& u) { return u.output_square; }));
}

double firing_bound(std::size_t inputs) {
  return inputs == 0 ? 1 : 1 - std::pow(0.05, 1 / static_cast<double>(inputs));
}

Measured measure(const model::Model& model, const data::Dataset& dataset, const data::Split& split,
                 std::span<const std::uint32_t> samples, ThreadPool& threads) {
  const graph::Graph& graph = model.graph;
  std::vector<Watched> layers = watched_layers(graph);
  // An evaluation only reads the parameters.
  model::Evaluator evaluator(graph, model.layout, const_cast<float*>(model.parameters.data()),
                             model.loss, dataset, threads);
  Measured measured;
  measured.evaluation =
      evaluator.evaluate(split, samples, model.normalisation, [&](const run::Plan& plan) {
        for (Watched& layer : layers) {
          const graph::Node& node = graph.node(layer.id);
          const std::span<const float> y = plan.value(layer.id);
          layer.tally.add(plan.value(node.inputs[0]), y, model::Slope(plan, node, layer.id),
                          layer.flat, threads);
          layer.outputs.add(y);
        }
      });
  measured.layers.resize(layers.size());
  threads.run(layers.size(), [&](std::size_t i) {
    measured.layers[i] = layer_figures(graph, layers[i]);
  });
  return measured;
}

std::vector<LayerFigures> measure_units(const model::Model& model, const data::Dataset& dataset,
                                        const data::Split& split,
                                        std::span<const std::uint32_t> samples,
                                        ThreadPool& threads) {
  return measure(model, dataset, split, samples, threads).layers;
}

}  // namespace rectify::diagnose
