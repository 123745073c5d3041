#include "rectify/train/initialise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::train {

namespace {

using graph::Graph;
using graph::NodeId;

/// What hands on its input's numbers, or the largest or the mean of some.
bool passes_on(const graph::Node& node) {
  static constexpr std::array<std::string_view, 6> names = {
      "dropout", "max_pool", "avg_pool", "global_avg_pool", "flatten", "reshape"};
  return std::ranges::find(names, node.op->name) != names.end();
}

/// The activation that the layer of this weight feeds, if need be through nodes that pass on; -1
/// when there is none.
NodeId following_activation(const Graph& graph, NodeId weight) {
  for (std::vector<NodeId> users = graph.users(weight); !users.empty();
       users = graph.users(users[0])) {
    const graph::Node& user = graph.node(users[0]);
    if (graph::is_activation(user)) return users[0];
    const bool layer = std::ranges::count(user.inputs, weight) > 0;
    if (!layer && !passes_on(user)) break;
  }
  return -1;
}

struct Draw {
  bool uniform = false;
  bool orthogonal = false;
  double deviation = 0;  ///< standard deviation
};

Draw draw_of(const std::string& name, double n, double m, double gain) {
  if (name == "he_normal") return {.deviation = std::sqrt(2 / n)};
  if (name == "he_uniform") return {.uniform = true, .deviation = std::sqrt(2 / n)};
  if (name == "glorot_normal") return {.deviation = std::sqrt(2 / (n + m))};
  if (name == "glorot_uniform") return {.uniform = true, .deviation = std::sqrt(2 / (n + m))};
  if (name == "lecun_normal") return {.deviation = std::sqrt(1 / n)};
  if (name == "lecun_uniform") return {.uniform = true, .deviation = std::sqrt(1 / n)};
  if (name == "gain_normal") return {.deviation = gain / std::sqrt(n)};
  if (name == "orthogonal") return {.orthogonal = true, .deviation = 1};
  if (name == "small_uniform") return {.uniform = true, .deviation = 0.01 / std::sqrt(3.0)};
  fail("there is no initialiser '", name, "'");
}

Draw resolve(const Graph& graph, NodeId weight, const std::string& replacement) {
  const graph::Node& node = graph.node(weight);
  const graph::Fan fan = graph::fan_of(node);
  const double n = static_cast<double>(fan.in), m = static_cast<double>(fan.out);
  std::string name = node.attributes.word("init");
  if (name == "auto") name = replacement;
  const NodeId activate = following_activation(graph, weight);
  const activation::Row* row =
      activate < 0 ? nullptr : &graph::activation_row(graph.node(activate));
  const double gain =
      row ? activation::gain(*row, graph::activation_parameters(graph.node(activate))) : 1;
  const bool normal = name == "auto_normal";
  if (name == "auto" || normal)
    name = row ? std::string(activation::name_of(row->initialiser)) : "glorot_uniform";
  Draw draw = draw_of(name, n, m, gain);
  if (normal) draw.uniform = false;
  draw.deviation *= node.attributes.number("gain");
  return draw;
}

/// Makes the rows (or columns, whichever are fewer) of a rows x columns matrix orthonormal, by
/// modified Gram-Schmidt in double precision, twice for accuracy.
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

}  // namespace

void initialise(const Graph& graph, const run::ParameterLayout& layout, std::uint64_t seed,
                const std::string& replacement, float* parameters) {
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
    const Draw draw = resolve(graph, slot.node, replacement);
    const Random random(seed, static_cast<std::uint32_t>(Stream::initialise), position);
    std::vector<double> drawn(slot.size);
    for (std::size_t i = 0; i < slot.size; ++i)
      drawn[i] = draw.uniform ? (2 * random.uniform(i) - 1) * std::sqrt(3.0) : random.normal(i);
    if (draw.orthogonal)
      orthonormalise(drawn, slot.shape.size() / slot.shape.back(), slot.shape.back());
    for (std::size_t i = 0; i < slot.size; ++i)
      w[i] = static_cast<float>(drawn[i] * draw.deviation);
  }
}

}  // namespace rectify::train
