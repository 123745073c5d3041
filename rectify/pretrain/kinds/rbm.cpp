// rbm: a restricted Boltzmann machine, which learns by contrastive divergence (Hinton 2002) or its
// persistent form (Tieleman 2008). The data's hidden units count by their means, and so do the last
// ones of the machine's own samples (Hinton 2010, "A practical guide", section 3).

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/pretrain/kind.h"

namespace rectify::pretrain::ops {

namespace {

using graph::Attributes;
using graph::Graph;
using graph::NodeId;

constexpr std::string_view hidden_types[] = {"binary", "bipolar", "gaussian", "softmax",
                                             "nrelu",  "stepped", "capped"};
constexpr std::string_view visible_types[] = {"auto", "binary", "bipolar", "gaussian", "nrelu"};
constexpr std::string_view methods[] = {"cd", "pcd", "pt"};
constexpr std::string_view states[] = {"auto", "mean", "sample"};
constexpr std::string_view yes_no[] = {"no", "yes"};
constexpr std::string_view fixed_learned[] = {"fixed", "learned"};
constexpr double least_variance = 0.01;  // a number that never changes has none

const graph::AttributeSpec attributes[] = {
    units_attribute(),
    {.name = "hidden",
     .initial = std::string("binary"),
     .positional = true,
     .choices = hidden_types,
     .meaning = "their type"},
    {.name = "visible",
     .initial = std::string("auto"),
     .choices = visible_types,
     .meaning = "type of the visible units; auto: as the numbers below are"},
    {.name = "variance",
     .initial = std::string("fixed"),
     .choices = fixed_learned,
     .meaning = "of gaussian visible units: 1, or each unit its own"},
    {.name = "copies",
     .initial = std::int64_t{6},
     .low = 1,
     .high = 1000,
     .meaning = "of stepped and capped: binary units that one unit stands for"},
    {.name = "method",
     .initial = std::string("cd"),
     .choices = methods,
     .meaning = "where the machine's samples start: at the data (cd), or where the last ones ended "
                "(pcd), also with chains at other temperatures that exchange places (pt)"},
    {.name = "temperatures",
     .initial = std::int64_t{10},
     .low = 2,
     .high = 1000,
     .meaning = "of pt: inverse temperatures from 0 to 1, a chain at each for every sample"},
    {.name = "k",
     .initial = std::int64_t{1},
     .low = 1,
     .high = 1000,
     .meaning = "steps of Gibbs sampling"},
    {.name = "states",
     .initial = std::string("auto"),
     .choices = states,
     .meaning =
         "what visible units of a reconstruction are; auto: means with cd, samples with pcd"},
    {.name = "centred",
     .initial = std::string("no"),
     .choices = yes_no,
     .meaning = "statistics about the units' means"},
    {.name = "sparsity",
     .initial = 0.0,
     .low = 0,
     .high = 100,
     .meaning = "wanted mean of the hidden units; 0: none"},
    {.name = "sparsity_cost",
     .initial = 0.1,
     .low = 0,
     .high = 100,
     .meaning = "how strongly it is wanted"},
    rate_attribute(),
    epochs_attribute(),
};

const activation::Unit& visible_of(const LayerSpec& layer, const Below& below) {
  const std::string& asked = layer.attributes.word("visible");
  if (asked != "auto") return activation::unit(asked);
  const activation::Unit& unit = activation::unit(below.unit);
  // What stands for several binary units is like a rectifier from above, a choice like its parts.
  if (unit.has_copies) return activation::unit("nrelu");
  return unit.name == "softmax" ? activation::unit("binary") : unit;
}

/// The graph while it is built, with what all steps of sampling share.
struct Building {
  Graph graph;
  const activation::Unit &visible, &hidden;
  std::int64_t copies;
  NodeId weight = -1, visible_bias = -1, hidden_bias = -1;
  NodeId log_variance = -1;  ///< of each visible unit; -1: it is 0

  Attributes unit(const activation::Unit& type) const {
    Attributes given;
    given.set("unit", std::string(type.name));
    given.set("copies", type.has_copies ? copies : std::int64_t{1});
    return given;
  }
  NodeId mean(const activation::Unit& type, NodeId x) {
    if (type.name == "gaussian") return x;
    if (type.name == "softmax") return graph.add("softmax", {x});
    return graph.add("unit_mean", {x}, unit(type));
  }
  NodeId sample(const activation::Unit& type, NodeId x) {
    return graph.add("unit_sample", {x}, unit(type));
  }
  /// Visible units times a power of their variances.
  NodeId scaled(NodeId units, double power) {
    if (log_variance < 0) return units;
    Attributes given;
    given.set("power", power);
    given.set("least", least_variance);
    return graph.add("scale_units", {units, log_variance}, given);
  }
  /// From units scaled by -1.
  NodeId up(NodeId visible_units) {
    Attributes given;
    given.set("units", graph.node(hidden_bias).type.shape[0]);
    return graph.add("dense", {visible_units, weight, hidden_bias}, given);
  }
  NodeId down(NodeId hidden_units) {
    return graph.add("dense_transposed", {hidden_units, weight, visible_bias});
  }
};

/// Units of the data (0) and of the machine (1), and the inputs of the machine's visible units.
struct Phases {
  NodeId v0, h0, v1, h1, v1_inputs;
};

bool learns_variance(const LayerSpec& layer) {
  return layer.attributes.word("variance") == "learned";
}

void check_variance(const Building& b, const LayerSpec& layer) {
  if (!learns_variance(layer)) return;
  if (b.visible.name != "gaussian")
    fail("'", layer.text, "': variance=learned is of gaussian visible units, not ", b.visible.name,
         "; give visible=gaussian");
  if (layer.attributes.word("centred") == "yes")
    fail("'", layer.text, "': centred=yes is of machines of fixed variances; leave one out");
  if (layer.attributes.word("states") == "mean")
    fail("'", layer.text,
         "': means have no variance to learn from; leave states=mean out, or variance=learned");
}

Building begin(const LayerSpec& layer, const Below& below) {
  Building b{.graph = {},
             .visible = visible_of(layer, below),
             .hidden = hidden_of(layer),
             .copies = layer.attributes.integer("copies")};
  check_visible(layer, b.visible, below);
  if (layer.attributes.word("method") == "pt" && b.visible.name == "nrelu")
    fail("'", layer.text,
         "': method=pt is for binary, bipolar or gaussian visible units, not nrelu");
  check_variance(b, layer);
  b.weight = b.graph.add_parameter(Shape{below.inputs, layer.units()}, {}, "weight");
  b.visible_bias = b.graph.add_parameter(Shape{below.inputs}, {}, "visible_bias");
  b.hidden_bias = b.graph.add_parameter(Shape{layer.units()}, {}, "hidden_bias");
  if (learns_variance(layer))
    b.log_variance = b.graph.add_parameter(Shape{below.inputs}, {}, "log_variance");
  return b;
}

/// Chains at several temperatures (graph/ops/tempering.cpp), of which the last ones, at 1, are the
/// machine's samples. Fills in the machine's phase.
void temper_phase(Building& b, const LayerSpec& layer, Phases& p) {
  Graph& graph = b.graph;
  const std::int64_t chains = layer.attributes.integer("temperatures");
  NodeId h = graph.add_input({.shape = Shape{chains, layer.units()}}, "chain");
  Attributes visible;
  visible.set("unit", std::string(b.visible.name));
  const auto last = [&](NodeId rows) {
    const std::int64_t width = graph.node(rows).type.shape.back();
    Attributes given;
    given.set("shape", std::to_string(width));
    given.set("strides", std::string("1"));
    given.set("offset", (chains - 1) * width);
    return graph.add("arrange", {rows}, given);
  };
  NodeId v = -1, x = -1;  // v: visible units over their deviations
  for (std::int64_t k = 0; k < layer.attributes.integer("k"); ++k) {
    const NodeId inputs =
        graph.add("exchange_chains", {b.scaled(b.down(h), -0.5), h, b.hidden_bias}, visible);
    v = b.sample(b.visible, inputs);
    x = b.up(b.scaled(v, -0.5));
    h = b.sample(b.hidden, graph.add("temper", {x}));
  }
  p.v1 = b.scaled(last(v), 0.5);
  p.h1 = b.mean(b.hidden, last(x));
  graph.result = h;
}

Phases sample_phases(Building& b, const LayerSpec& layer, const Below& below) {
  Graph& graph = b.graph;
  const bool persistent = layer.attributes.word("method") == "pcd";
  const std::string& asked = layer.attributes.word("states");
  const bool means = asked == "mean" || (asked == "auto" && !persistent && !learns_variance(layer));
  Phases p = {};
  p.v0 = graph.add_input({.shape = Shape{below.inputs}}, "input");
  const NodeId x0 = b.up(b.scaled(p.v0, -1));
  p.h0 = b.mean(b.hidden, x0);
  if (layer.attributes.word("method") == "pt") {
    temper_phase(b, layer, p);
    return p;
  }
  NodeId h = persistent ? graph.add_input({.shape = Shape{layer.units()}}, "chain")
                        : b.sample(b.hidden, x0);
  NodeId x1 = -1;
  for (std::int64_t k = 0; k < layer.attributes.integer("k"); ++k) {
    if (k > 0) h = b.sample(b.hidden, x1);
    p.v1_inputs = b.down(h);
    p.v1 = means ? b.mean(b.visible, p.v1_inputs)
                 : b.scaled(b.sample(b.visible, b.scaled(p.v1_inputs, -0.5)), 0.5);
    x1 = b.up(b.scaled(p.v1, -1));
  }
  p.h1 = b.mean(b.hidden, x1);
  if (persistent) graph.result = b.sample(b.hidden, x1);
  return p;
}

/// The state that follows a mean, and its next value.
NodeId follow(Building& b, NodeId units, double rate, double start, const char* label,
              graph::NextStates& next) {
  const NodeId state =
      b.graph.add_state(Shape{b.graph.node(units).type.shape.back()}, start, label);
  Attributes given;
  given.set("rate", rate);
  next[state] = b.graph.add("moving_mean", {units, state}, given);
  return state;
}

/// What a network without noise has in place of the hidden units.
std::string activation_of(const LayerSpec& layer) {
  const activation::Unit& hidden = hidden_of(layer);
  const std::int64_t copies = layer.attributes.integer("copies");
  const bool six = hidden.activation == "relu6" && copies == 6;
  if (hidden.has_copies && !six) return concat("stepped_sigmoid n=", copies);
  return std::string(hidden.activation);
}

/// What bounded hidden units take over visible ones without a bound. A step moves a reconstruction
/// by the rate times what the hidden states of two samples share: at most 1 a bipolar unit, a
/// quarter a binary one. Above 2 (1 + momentum) it overshoots further each time; half leaves room.
double steady_rate(const Building& b) {
  if (b.hidden.name == "softmax") return 1;
  const auto units = static_cast<double>(b.graph.node(b.hidden_bias).type.shape.size());
  return 1.25 / (b.hidden.name == "binary" ? units / 4 : units);
}

/// What momentum takes. Hidden units without a bound answer larger weights with larger states,
/// which make the weights grow again: in proportion to the sum of the squares of what is below.
double usual_rate(const Building& b, const Below& below) {
  const auto is_bounded = [](const activation::Unit& unit) {
    return unit.name == "binary" || unit.name == "bipolar" || unit.name == "softmax";
  };
  constexpr double bounded = 0.05, wide = 0.005;
  if (!is_bounded(b.hidden)) return std::min(wide, 0.5 / below.power);
  return is_bounded(b.visible) ? bounded : std::min(wide, steady_rate(b));
}

Learner learner(const LayerSpec& layer, const Below& below) {
  Building b = begin(layer, below);
  const Phases p = sample_phases(b, layer, below);
  graph::NextStates next;
  NodeId h0 = p.h0;
  if (const double target = layer.attributes.number("sparsity"); target > 0) {
    const NodeId mean = follow(b, p.h0, 0.1, target, "hidden_mean", next);
    Attributes given;
    given.set("target", target);
    given.set("cost", layer.attributes.number("sparsity_cost"));
    h0 = b.graph.add("sparsity_pull", {p.h0, mean}, given);
  }
  // Where variances are learned these are the gradients times them: otherwise the smaller a
  // variance gets the larger would be the steps of its weights.
  std::vector<NodeId> statistics = {p.v0, h0, p.v1, p.h1};
  std::vector<NodeId> visible = {p.v0, p.v1}, hidden = {h0, p.h1};
  NodeId offsets[2] = {-1, -1};
  const bool centred = layer.attributes.word("centred") == "yes";
  if (centred) {
    constexpr double rate = 0.01;  // Melchior et al. 2016, section 6
    offsets[0] = follow(b, p.v0, rate, 0, "visible_offset", next);
    offsets[1] = follow(b, p.h0, rate, 0.5, "hidden_offset", next);
    statistics.insert(statistics.end(), {offsets[0], offsets[1]});
  }
  const NodeId direction = b.graph.add("contrast_weights", statistics);
  if (centred) {
    visible.insert(visible.end(), {direction, offsets[1]});
    hidden.insert(hidden.end(), {direction, offsets[0]});
  }
  Attributes of_visible;
  of_visible.set("side", std::string("visible"));
  pass::ParameterGradients directions = {
      {b.weight, direction},
      {b.visible_bias, b.graph.add("contrast_biases", visible, of_visible)},
      {b.hidden_bias, b.graph.add("contrast_biases", hidden)}};
  if (b.log_variance >= 0) {
    Attributes variance;
    variance.set("least", least_variance);
    directions[b.log_variance] = b.graph.add(
        "contrast_variances",
        {p.v0, b.down(p.h0), p.v1, b.down(p.h1), b.visible_bias, b.log_variance}, variance);
  }
  std::vector<NodeId> losses;
  if (b.graph.find("chain") < 0)
    losses = {b.graph.add("mean_squared_error", {b.mean(b.visible, p.v1_inputs), p.v0})};
  const double rate = usual_rate(b, below);  // while there is a graph
  return {.objective = {.graph = std::move(b.graph),
                        .losses = losses,
                        .directions = directions,
                        .next_states = next},
          .unit = std::string(b.hidden.name),
          .rate = rate};
}

void start(const LayerSpec& layer, const Below& below, std::span<const double> mean,
           const Random& random, const run::ParameterLayout& layout, float* parameters) {
  std::size_t i = 0;
  for (float& w : numbers_of(layout, parameters, "weight"))
    w = static_cast<float>(0.01 * random.normal(i++));
  const std::string_view type = visible_of(layer, below).name;
  const auto bias = numbers_of(layout, parameters, "visible_bias");
  for (std::size_t u = 0; u < bias.size(); ++u)
    bias[u] = static_cast<float>(input_at_mean(type, mean[u]));
  std::ranges::fill(numbers_of(layout, parameters, "hidden_bias"), 0.0f);
  for (const run::ParameterSlot& slot : layout.slots()) {
    if (slot.label == "visible_offset") std::ranges::copy(mean, parameters + slot.offset);
    if (slot.label == "log_variance") std::fill_n(parameters + slot.offset, slot.size, 0.0f);
    if (slot.label == "hidden_offset") std::fill_n(parameters + slot.offset, slot.size, 0.5f);
    if (slot.label == "hidden_mean")
      std::fill_n(parameters + slot.offset, slot.size,
                  static_cast<float>(layer.attributes.number("sparsity")));
  }
}

/// Empty: all are 1.
std::vector<float> variances_of(const LayerSpec& layer, const run::ParameterLayout& layout,
                                const float* parameters) {
  if (!learns_variance(layer)) return {};
  std::vector<float> variances = copy_of(layout, parameters, "log_variance");
  for (float& v : variances) v = std::max(std::exp(v), static_cast<float>(least_variance));
  return variances;
}

Passage up(const LayerSpec& layer, const Below&, const run::ParameterLayout& layout,
           const float* parameters) {
  std::vector<float> weight = copy_of(layout, parameters, "weight");
  const std::vector<float> variances = variances_of(layer, layout, parameters);
  const auto units = static_cast<std::size_t>(layer.units());
  for (std::size_t i = 0; i < variances.size(); ++i)
    for (std::size_t j = 0; j < units; ++j) weight[i * units + j] /= variances[i];
  return dense_passage(activation_of(layer), std::move(weight),
                       copy_of(layout, parameters, "hidden_bias"));
}

Passage down(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
             const float* parameters, double factor) {
  return dense_passage(visible_of(layer, below).activation,
                       transposed(numbers_of(layout, parameters, "weight"),
                                  static_cast<std::size_t>(below.inputs), factor),
                       copy_of(layout, parameters, "visible_bias"));
}

Machine machine(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
                const float* parameters) {
  const activation::Unit& hidden = hidden_of(layer);
  return {.visible = &visible_of(layer, below),
          .hidden = &hidden,
          .copies = hidden.has_copies ? static_cast<int>(layer.attributes.integer("copies")) : 1,
          .weight = copy_of(layout, parameters, "weight"),
          .visible_bias = copy_of(layout, parameters, "visible_bias"),
          .hidden_bias = copy_of(layout, parameters, "hidden_bias"),
          .variance = variances_of(layer, layout, parameters)};
}

}  // namespace

std::span<const LayerKind> rbm() {
  static const LayerKind all[] = {{.name = "rbm",
                                   .summary = "restricted Boltzmann machine",
                                   .attributes = attributes,
                                   .learner = learner,
                                   .start = start,
                                   .up = up,
                                   .down = down,
                                   .machine = machine}};
  return all;
}

}  // namespace rectify::pretrain::ops
