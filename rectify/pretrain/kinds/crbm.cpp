// crbm: a convolutional restricted Boltzmann machine with probabilistic max pooling (Lee, Grosse,
// Ranganath & Ng 2009), of which convolutional.h has the energy. Its directions are the gradients
// of the likelihood's estimate over the places of the hidden units, so that rates do not depend on
// the size of pictures.

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/graph/window.h"
#include "rectify/pretrain/kind.h"

namespace rectify::pretrain::ops {

namespace {

using graph::Attributes;
using graph::Graph;
using graph::NodeId;

constexpr std::string_view hidden_types[] = {"binary", "nrelu"};
constexpr std::string_view visible_types[] = {"auto", "binary", "gaussian", "nrelu"};
constexpr std::string_view methods[] = {"cd", "pcd"};
constexpr std::string_view states[] = {"auto", "mean", "sample"};

const graph::AttributeSpec attributes[] = {
    units_attribute(),
    {.name = "hidden",
     .initial = std::string("binary"),
     .positional = true,
     .choices = hidden_types,
     .meaning = "their type; nrelu without pooling alone"},
    {.name = "kernel",
     .initial = std::int64_t{5},
     .low = 1,
     .high = 1024,
     .meaning = "height and width of the window that a unit sees"},
    {.name = "pool",
     .initial = std::int64_t{2},
     .low = 1,
     .high = 1024,
     .meaning = "height and width of blocks, of which one unit at most is on; 1: no pooling"},
    {.name = "visible",
     .initial = std::string("auto"),
     .choices = visible_types,
     .meaning = "type of the visible units; auto: as the numbers below are"},
    {.name = "method",
     .initial = std::string("cd"),
     .choices = methods,
     .meaning = "where the machine's samples start: at the data (cd), or where the last ones ended "
                "(pcd)"},
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
    {.name = "sparsity",
     .initial = 0.0,
     .low = 0,
     .high = 1,
     .meaning = "wanted mean of the hidden units at all places; 0: none"},
    {.name = "sparsity_cost",
     .initial = 1.0,
     .low = 0,
     .high = 100,
     .meaning = "how strongly it is wanted"},
    rate_attribute(),
    epochs_attribute(),
};

const activation::Unit& visible_of(const LayerSpec& layer, const Below& below) {
  const std::string& asked = layer.attributes.word("visible");
  if (asked != "auto") return activation::unit(asked);
  for (const std::string_view known : visible_types)
    if (known == below.unit) return activation::unit(known);
  fail("'", layer.text, "': there is no crbm over ", below.unit, " units; give visible=gaussian");
}

void check_shape(const LayerSpec& layer, const Below& below) {
  const std::int64_t kernel = layer.attributes.integer("kernel"),
                     pool = layer.attributes.integer("pool");
  const Shape& picture = below.shape;
  if (picture.rank() != 3)
    fail("'", layer.text,
         "': crbm wants pictures (height x width x channels), but what is below "
         "gives ",
         below.inputs, " numbers; take rbm");
  const std::int64_t height = picture[0] - kernel + 1, width = picture[1] - kernel + 1;
  if (height < 1 || width < 1)
    fail("'", layer.text, "': a kernel of ", kernel, "x", kernel, " does not fit in pictures of ",
         picture.text());
  if (height % pool != 0 || width % pool != 0)
    fail("'", layer.text, "': kernel=", kernel, " has ", height, "x", width,
         " places in pictures of ", picture.text(), ", which pool=", pool,
         " does not divide; take another kernel or pool");
}

void check_units(const LayerSpec& layer, const Below& below) {
  if (hidden_of(layer).name != "binary" && layer.attributes.integer("pool") > 1)
    fail("'", layer.text, "': probabilistic max pooling chooses among binary units, not ",
         hidden_of(layer).name, "; give pool=1 or hidden=binary");
  check_visible(layer, visible_of(layer, below), below);
}

/// The graph while it is built, with what all steps of sampling share.
struct Building {
  const LayerSpec& layer;
  const Below& below;
  const activation::Unit &visible, &hidden;
  Graph graph = {};
  NodeId weight = -1, visible_bias = -1, hidden_bias = -1;

  Building(const LayerSpec& of, const Below& under)
      : layer(of), below(under), visible(visible_of(of, under)), hidden(hidden_of(of)) {
    const std::int64_t kernel = layer.attributes.integer("kernel");
    weight =
        graph.add_parameter(Shape{kernel, kernel, below.shape.back(), layer.units()}, {}, "weight");
    visible_bias = graph.add_parameter(Shape{below.shape.back()}, {}, "visible_bias");
    hidden_bias = graph.add_parameter(Shape{layer.units()}, {}, "hidden_bias");
  }

  Attributes convolution() const {
    Attributes given;
    given.set("units", layer.units());
    given.set("kernel", std::to_string(layer.attributes.integer("kernel")));
    given.set("stride", std::string("1"));
    given.set("padding", std::string("valid"));
    given.set("dilation", std::string("1"));
    given.set("groups", std::int64_t{1});
    return given;
  }
  Shape places() const {
    const std::int64_t kernel = layer.attributes.integer("kernel");
    return Shape{below.shape[0] - kernel + 1, below.shape[1] - kernel + 1, layer.units()};
  }
  NodeId up(NodeId v) { return graph.add("conv", {v, weight, hidden_bias}, convolution()); }
  NodeId down(NodeId h) {
    const NodeId sums = graph.add("conv_input_gradient", {h, weight},
                                  graph::with_shape(convolution(), below.shape));
    Attributes add;
    add.set("function", std::string("add"));
    return graph.add("pairwise", {sums, visible_bias}, add);
  }
  NodeId visible_units(NodeId x, bool means) {
    if (means && visible.name == "gaussian") return x;
    return of_type(visible, x, means);
  }
  NodeId hidden_units(NodeId x, bool means) {
    if (hidden.name != "binary") return of_type(hidden, x, means);
    Attributes size;
    size.set("size", layer.attributes.integer("pool"));
    return graph.add(means ? "block_mean" : "block_sample", {x}, size);
  }
  /// The sum over samples and places of v times h, for each weight.
  NodeId products(NodeId v, NodeId h) {
    return graph.add("conv_weight_gradient", {v, h}, convolution());
  }

 private:
  NodeId of_type(const activation::Unit& type, NodeId x, bool means) {
    Attributes unit;
    unit.set("unit", std::string(type.name));
    return graph.add(means ? "unit_mean" : "unit_sample", {x}, unit);
  }
};

/// Units of the data (0) and of the machine (1), and the inputs of the machine's visible units.
struct Phases {
  NodeId v0, h0, v1, h1, v1_inputs;
};

Phases sample_phases(Building& b) {
  Graph& graph = b.graph;
  const Attributes& asked = b.layer.attributes;
  const bool persistent = asked.word("method") == "pcd";
  const bool means =
      asked.word("states") == "mean" || (asked.word("states") == "auto" && !persistent);
  Phases p = {};
  p.v0 = graph.add_input({.shape = b.below.shape}, "input");
  const NodeId x0 = b.up(p.v0);
  p.h0 = b.hidden_units(x0, true);
  NodeId h =
      persistent ? graph.add_input({.shape = b.places()}, "chain") : b.hidden_units(x0, false);
  NodeId x1 = -1;
  for (std::int64_t k = 0; k < asked.integer("k"); ++k) {
    if (k > 0) h = b.hidden_units(x1, false);
    p.v1_inputs = b.down(h);
    p.v1 = b.visible_units(p.v1_inputs, means);
    x1 = b.up(p.v1);
  }
  p.h1 = b.hidden_units(x1, true);
  if (persistent) graph.result = b.hidden_units(x1, false);
  return p;
}

/// h0, or where a sparsity is wanted what pulls the hidden biases towards it.
NodeId pulled(Building& b, NodeId h0, graph::NextStates& next) {
  const double target = b.layer.attributes.number("sparsity");
  if (target == 0) return h0;
  const NodeId mean = b.graph.add_state(Shape{b.layer.units()}, target, "hidden_mean");
  Attributes follows, pull;
  follows.set("rate", 0.1);
  next[mean] = b.graph.add("moving_mean", {h0, mean}, follows);
  pull.set("target", target);
  pull.set("cost", b.layer.attributes.number("sparsity_cost"));
  return b.graph.add("sparsity_pull", {h0, mean}, pull);
}

/// What momentum 0.9 takes: units without a bound answer larger weights with larger states.
double usual_rate(const Building& b) {
  if (b.hidden.name != "binary") return 0.005;
  return b.visible.name == "binary" ? 0.1 : 0.02;
}

Learner learner(const LayerSpec& layer, const Below& below) {
  check_shape(layer, below);
  check_units(layer, below);
  Building b(layer, below);
  const Phases p = sample_phases(b);
  graph::NextStates next;
  Attributes places, of_visible;
  const Shape hidden = b.places();
  places.set("places", hidden[0] * hidden[1]);
  of_visible.set("side", std::string("visible"));
  const pass::ParameterGradients directions = {
      {b.weight,
       b.graph.add("contrast_sums", {b.products(p.v1, p.h1), b.products(p.v0, p.h0)}, places)},
      {b.visible_bias, b.graph.add("contrast_biases", {p.v0, p.v1}, of_visible)},
      // The sparsity moves the biases alone (Lee et al. 2009, section 3.2).
      {b.hidden_bias, b.graph.add("contrast_biases", {pulled(b, p.h0, next), p.h1})}};
  std::vector<NodeId> losses;
  if (b.graph.find("chain") < 0)
    losses = {b.graph.add("mean_squared_error", {b.visible_units(p.v1_inputs, true), p.v0})};
  const std::string unit(b.hidden.name);
  const double rate = usual_rate(b);
  return {.objective = {.graph = std::move(b.graph),
                        .losses = losses,
                        .directions = directions,
                        .next_states = next},
          .unit = unit,
          .rate = rate};
}

void start(const LayerSpec& layer, const Below& below, std::span<const double> mean,
           const Random& random, const run::ParameterLayout& layout, float* parameters) {
  std::size_t i = 0;
  for (float& w : numbers_of(layout, parameters, "weight"))
    w = static_cast<float>(0.01 * random.normal(i++));
  const auto bias = numbers_of(layout, parameters, "visible_bias");
  std::vector<double> of_channel(bias.size());
  for (std::size_t p = 0; p < mean.size(); ++p)
    of_channel[p % bias.size()] +=
        mean[p] * static_cast<double>(bias.size()) / static_cast<double>(mean.size());
  for (std::size_t c = 0; c < bias.size(); ++c)
    bias[c] = static_cast<float>(input_at_mean(visible_of(layer, below).name, of_channel[c]));
  const double target = layer.attributes.number("sparsity");
  std::ranges::fill(numbers_of(layout, parameters, "hidden_bias"), 0.0f);
  if (target > 0)
    std::ranges::fill(numbers_of(layout, parameters, "hidden_mean"), static_cast<float>(target));
}

ConvolutionalMachine convolutional(const LayerSpec& layer, const Below& below,
                                   const run::ParameterLayout& layout, const float* parameters) {
  return {.visible = &visible_of(layer, below),
          .hidden = &hidden_of(layer),
          .picture = below.shape,
          .kernel = layer.attributes.integer("kernel"),
          .pool = layer.attributes.integer("pool"),
          .weight = copy_of(layout, parameters, "weight"),
          .visible_bias = copy_of(layout, parameters, "visible_bias"),
          .hidden_bias = copy_of(layout, parameters, "hidden_bias")};
}

Passage up(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
           const float* parameters) {
  const ConvolutionalMachine m = convolutional(layer, below, layout, parameters);
  const Shape places = m.places();
  return {.input = below.shape,
          .output = Shape{places[0] / m.pool, places[1] / m.pool, places[2]},
          .text = concat("conv ", layer.units(), " ", m.kernel, " padding=valid | ",
                         m.hidden->activation,
                         m.pool > 1 ? concat(" | max_pool ", m.pool) : std::string()),
          .parameters = {m.weight, m.hidden_bias}};
}

/// The weight of a transposed convolution that spreads each output over its block, evenly, and
/// takes it down by the machine's weight: (kernel + pool - 1)² x channels x units.
std::vector<float> spread_weight(const ConvolutionalMachine& m, double factor) {
  const auto kernel = static_cast<std::size_t>(m.kernel), pool = static_cast<std::size_t>(m.pool);
  const std::size_t reach = kernel + pool - 1, tap = m.weight.size() / (kernel * kernel);
  std::vector<float> spread(reach * reach * tap);
  const auto share = static_cast<float>(factor / static_cast<double>(pool * pool));
  for (std::size_t place = 0; place < pool * pool; ++place)
    for (std::size_t i = 0; i < kernel; ++i)
      for (std::size_t j = 0; j < kernel; ++j) {
        const float* from = m.weight.data() + (i * kernel + j) * tap;
        float* to = spread.data() + ((place / pool + i) * reach + place % pool + j) * tap;
        for (std::size_t n = 0; n < tap; ++n) to[n] += share * from[n];
      }
  return spread;
}

/// The visible biases stand in a convolution of one place that changes nothing else.
Passage down(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
             const float* parameters, double factor) {
  const ConvolutionalMachine m = convolutional(layer, below, layout, parameters);
  const Shape places = m.places();
  const std::size_t channels = m.visible_bias.size();
  std::vector<float> same(channels * channels);
  for (std::size_t c = 0; c < channels; ++c) same[c * channels + c] = 1;
  return {.input = Shape{places[0] / m.pool, places[1] / m.pool, places[2]},
          .output = below.shape,
          .text = concat("conv_transpose ", channels, " ", m.kernel + m.pool - 1,
                         " stride=", m.pool, " | conv ", channels, " 1 | ", m.visible->activation),
          .parameters = {spread_weight(m, factor), std::move(same), m.visible_bias}};
}

}  // namespace

std::span<const LayerKind> crbm() {
  static const LayerKind all[] = {
      {.name = "crbm",
       .summary = "convolutional Boltzmann machine with probabilistic max pooling, over pictures",
       .attributes = attributes,
       .learner = learner,
       .start = start,
       .up = up,
       .down = down,
       .convolutional = convolutional}};
  return all;
}

}  // namespace rectify::pretrain::ops
