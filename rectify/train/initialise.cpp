#include "rectify/train/initialise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::train {

namespace {

using graph::Graph;
using graph::NodeId;

/// Whether a node passes on its inputs: scaled, summed, or reduced to a maximum or a mean.
bool passes_on(const graph::Node& node) {
  static constexpr std::string_view names[] = {
      "dropout",    "alpha_dropout",   "add",
      "concat",     "batch_norm",      "batch_norm_statistics",
      "layer_norm", "rms_norm",        "max_pool",
      "avg_pool",   "global_avg_pool", "flatten",
      "reshape",    "positions",       "transpose"};
  return std::ranges::count(names, node.op->name) > 0;
}

/// Whether a node applies an activation to its first input.
bool applies_row(const graph::Node& node) {
  return graph::is_activation(node) || graph::is_selection(node) || node.op->name == "recurrent";
}

/// An activation, and the number of sums before it; -1: no activation.
struct Following {
  NodeId activation = -1;
  int sums = 0;
};

/// The first activation that the layer of this weight feeds, directly or through nodes that pass
/// on.
Following following_activation(const Graph& graph, NodeId weight) {
  constexpr int never = std::numeric_limits<int>::max();
  std::vector<int> sums(static_cast<std::size_t>(graph.size()), never);  // since the layer
  for (NodeId id = weight + 1; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    int least = never;
    for (const NodeId input : node.inputs) least = std::min(least, sums[input]);
    if (std::ranges::count(node.inputs, weight) > 0)
      sums[id] = 0;
    else if (least != never && applies_row(node))
      return {id, least};
    else if (least != never && passes_on(node))
      sums[id] = least + (node.op->name == "add");
  }
  return {};
}

struct Draw {
  bool uniform = false;
  bool orthogonal = false;
  bool identity = false;  ///< ones on the diagonal; nothing is drawn
  double deviation = 0;   ///< standard deviation, or the factor on what has none
};

Draw draw_of(const std::string& name, double n, double m, double gain) {
  if (name == "he_normal") return {.deviation = std::sqrt(2 / n)};
  if (name == "he_uniform") return {.uniform = true, .deviation = std::sqrt(2 / n)};
  if (name == "glorot_normal") return {.deviation = std::sqrt(2 / (n + m))};
  if (name == "glorot_uniform") return {.uniform = true, .deviation = std::sqrt(2 / (n + m))};
  if (name == "lecun_normal" || name == "whitening") return {.deviation = std::sqrt(1 / n)};
  if (name == "lecun_uniform") return {.uniform = true, .deviation = std::sqrt(1 / n)};
  if (name == "gain_normal") return {.deviation = gain / std::sqrt(n)};
  if (name == "orthogonal") return {.orthogonal = true, .deviation = 1};
  if (name == "identity") return {.identity = true, .deviation = 1};
  if (name == "small_uniform") return {.uniform = true, .deviation = 0.01 / std::sqrt(3.0)};
  fail("there is no initialiser '", name, "'");
}

/// How the weight `weight` is drawn, whose attributes are those of `node`.
Draw resolve(const Graph& graph, NodeId weight, const graph::Node& node,
             const std::string& replacement) {
  const graph::Fan fan = graph::fan_of(node);
  const double n = static_cast<double>(fan.in), m = static_cast<double>(fan.out);
  std::string name = node.attributes.word("init");
  if (name == "auto") name = replacement;
  const auto [activate, sums] = following_activation(graph, weight);
  const activation::Row* row =
      activate < 0 ? nullptr : &graph::activation_row(graph.node(activate));
  const double gain =
      row ? activation::gain(*row, graph::activation_parameters(graph.node(activate))) : 1;
  const bool normal = name == "auto_normal", automatic = normal || name == "auto";
  if (automatic) name = row ? std::string(activation::name_of(row->initialiser)) : "glorot_uniform";
  Draw draw = draw_of(name, n, m, gain);
  if (normal) draw.uniform = false;
  if (automatic) draw.deviation *= std::pow(0.5, sums / 2.0);
  draw.deviation *= node.attributes.number("gain");
  return draw;
}

/// Makes the matrix rows orthonormal, or the columns if they are fewer, by modified Gram-Schmidt in
/// double precision; twice, for accuracy.
void orthonormalise(std::vector<double>& w, std::int64_t rows, std::int64_t columns) {
  const bool wide = rows <= columns;
  const std::int64_t vectors = wide ? rows : columns, length = wide ? columns : rows;
  const auto at = [&](std::int64_t v, std::int64_t i) -> double& {
    return wide ? w[v * columns + i] : w[i * columns + v];
  };
  for (std::int64_t v = 0; v < vectors; ++v) {
    for (int pass = 0; pass < 2; ++pass)
      for (std::int64_t u = 0; u < v; ++u) {
        double dot = 0;
        for (std::int64_t i = 0; i < length; ++i) dot += at(u, i) * at(v, i);
        for (std::int64_t i = 0; i < length; ++i) at(v, i) -= dot * at(u, i);
      }
    double norm = 0;
    for (std::int64_t i = 0; i < length; ++i) norm += at(v, i) * at(v, i);
    for (std::int64_t i = 0; i < length; ++i) at(v, i) /= std::sqrt(norm);
  }
}

/// Numbers of mean 0 and variance 1, one for each element: store(i, number), on all threads.
template <class Store>
void draw_each(bool uniform, const Random& random, std::size_t size, ThreadPool& threads,
               Store&& store) {
  constexpr std::size_t tile = 8192;  // even, for normal numbers come in pairs
  threads.run((size + tile - 1) / tile, [&](std::size_t at) {
    const std::size_t begin = at * tile, count = std::min(tile, size - begin);
    if (uniform) {
      for (std::size_t i = begin; i < begin + count; ++i)
        store(i, (2 * random.uniform(i) - 1) * std::sqrt(3.0));
      return;
    }
    std::vector<std::array<double, 2>> pairs((count + 1) / 2);
    random.normal_pairs(begin / 2, pairs);
    for (std::size_t i = 0; i < count; ++i) store(begin + i, pairs[i / 2][i % 2]);
  });
}

/// Draws the numbers of one weight.
void draw_weight(const Draw& draw, const Random& random, const run::ParameterSlot& slot,
                 ThreadPool& threads, float* w) {
  const auto scaled = [&](double number) { return static_cast<float>(number * draw.deviation); };
  if (draw.identity) {
    const std::int64_t columns = slot.shape.back();
    for (std::size_t i = 0; i < slot.size; ++i) {
      const auto at = static_cast<std::int64_t>(i);
      w[i] = at / columns == at % columns ? scaled(1) : 0;
    }
    return;
  }
  if (!draw.orthogonal)
    return draw_each(draw.uniform, random, slot.size, threads,
                     [&](std::size_t i, double number) { w[i] = scaled(number); });
  std::vector<double> drawn(slot.size);
  draw_each(draw.uniform, random, slot.size, threads,
            [&](std::size_t i, double number) { drawn[i] = number; });
  orthonormalise(drawn, slot.shape.size() / slot.shape.back(), slot.shape.back());
  std::ranges::transform(drawn, w, scaled);
}

}  // namespace

void initialise(const Graph& graph, const run::ParameterLayout& layout, std::uint64_t seed,
                const std::string& replacement, ThreadPool& threads, float* parameters) {
  std::uint32_t next = 0;
  for (const run::ParameterSlot& slot : layout.slots()) {
    float* w = parameters + slot.offset;
    const graph::Attributes& attributes = graph.node(slot.node).attributes;
    if (attributes.has("start")) {
      std::fill_n(w, slot.size, static_cast<float>(attributes.number("start")));
      continue;
    }
    const std::uint32_t position = next++;
    if (slot.shape.rank() < 2) {
      for (std::size_t i = 0; i < slot.size; ++i) w[i] = 0;
      continue;
    }
    const Random random(seed, static_cast<std::uint32_t>(Stream::initialise), position);
    draw_weight(resolve(graph, slot.node, graph.node(slot.node), replacement), random, slot,
                threads, w);
  }
}

double usual_deviation(const Graph& graph, NodeId weight) {
  const graph::Node& node = graph.node(weight);
  if (node.type.shape.rank() < 2 || !node.attributes.has("init")) return 0;
  graph::Node plain = node;
  plain.attributes.set("init", std::string("auto"));
  plain.attributes.set("gain", 1.0);
  const Draw draw = resolve(graph, weight, plain, "auto");
  return draw.deviation;
}

}  // namespace rectify::train
