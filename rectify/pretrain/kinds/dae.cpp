// ae, dae: an autoencoder, and one that gets corrupted samples and is to reconstruct the clean ones
// (Vincent et al. 2008, 2010). Over rectifiers it reconstructs in one of the two ways of Glorot,
// Bordes & Bengio 2011, section 3.2: a softplus output with the squared error, or the layer's
// inputs scaled into [0, 1] by their maximum and a sigmoid output with the cross-entropy. Losses
// are sums over a sample's numbers.

#include <algorithm>
#include <cmath>

#include "rectify/activation/activation.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/pretrain/kind.h"

namespace rectify::pretrain::ops {

namespace {

using graph::Attributes;
using graph::Graph;
using graph::NodeId;

constexpr std::string_view dae_outputs[] = {"auto", "linear", "softplus", "sigmoid", "scaled"};
constexpr std::string_view dae_noises[] = {"mask", "gaussian", "salt_and_pepper"};
constexpr std::string_view dae_tied[] = {"yes", "no"};
constexpr std::size_t dae_only = 2;  // attributes of dae that ae has not, at the end

const graph::AttributeSpec dae_attributes[] = {
    units_attribute(),
    {.name = "activation",
     .initial = std::string("relu"),
     .positional = true,
     .meaning = "their activation, such as softplus"},
    {.name = "output",
     .initial = std::string("auto"),
     .choices = dae_outputs,
     .meaning = "the reconstruction: linear or softplus with squared error, sigmoid or scaled "
                "(sigmoid of inputs scaled to 0..1) with cross-entropy; auto: as the numbers below "
                "are"},
    {.name = "tied",
     .initial = std::string("yes"),
     .choices = dae_tied,
     .meaning = "whether the way back has the transposed weight"},
    {.name = "contractive",
     .initial = 0.0,
     .low = 0,
     .high = 1e6,
     .meaning = "factor on the squared norm of the encoder's Jacobian; 0: none"},
    {.name = "sparsity",
     .initial = 0.0,
     .low = 0,
     .high = 1 - 1e-6,
     .meaning = "wanted mean of units from 0 to 1, by a KL penalty; 0: none"},
    {.name = "sparsity_cost",
     .initial = 0.1,
     .low = 0,
     .high = 1e6,
     .meaning = "how strongly it is wanted"},
    rate_attribute(),
    epochs_attribute(),
    {.name = "corruption",
     .initial = std::string("mask"),
     .choices = dae_noises,
     .meaning = "what happens to samples"},
    {.name = "noise",
     .initial = 0.25,
     .low = 0,
     .high = 100,
     .meaning = "share of the numbers that are corrupted; of gaussian: standard deviation"},
};

/// How a layer reconstructs its inputs.
struct Output {
  std::string_view activation;
  bool cross_entropy;
  double factor = 1;  ///< its inputs are this times the target
};

const activation::Row& encoder_row(const LayerSpec& layer) {
  const activation::Row& row = activation::find(layer.attributes.word("activation"));
  if (row.varying == activation::Varying::none || row.varying == activation::Varying::learnable)
    return row;
  fail("'", layer.text, "': ", row.name, " has a number that is learned or drawn; a layer of an ",
       "autoencoder takes activations without one, such as relu");
}

std::string unit_like(const activation::Row& row) {
  const activation::Properties p = activation::properties(row, row.defaults());
  if (p.low < 0) return p.low >= -1 && p.high <= 1 ? "bipolar" : "gaussian";
  return p.high <= 1 ? "binary" : "nrelu";
}

Output output_of(const LayerSpec& layer, const Below& below) {
  const bool probabilities = below.unit == "binary" || below.unit == "softmax";
  std::string asked = layer.attributes.word("output");
  if (asked == "auto")
    asked = probabilities                               ? "sigmoid"
            : below.unit == "gaussian" || below.low < 0 ? "linear"
                                                        : "softplus";
  if (asked == "scaled" && below.unit == "gaussian")
    fail("'", layer.text, "': output=scaled is for layers over rectifiers; for samples take ",
         "--normalise range, which scales them to 0..1");
  const auto refuse = [&](const char* wanted, const char* instead) {
    fail("'", layer.text, "': output=", asked, " reconstructs numbers ", wanted,
         ", but below are numbers from ", fixed_text(below.low, 2), " to ",
         fixed_text(below.high, 2), "; ", instead);
  };
  if (asked == "linear") return {"identity", false};
  if (below.low < 0) refuse("from 0 on", "take output=linear, or --normalise range for samples");
  if (asked == "softplus") return {"softplus", false};
  if (asked == "scaled" && !probabilities) return {"sigmoid", true, std::max(below.high, 1e-6)};
  if (below.high > 1) refuse("from 0 to 1", "take output=softplus or output=scaled");
  return {"sigmoid", true};
}

/// The clean samples with noise, where the layer wants any.
NodeId corrupted(Graph& graph, NodeId input, const LayerSpec& layer, const Below& below) {
  if (!layer.attributes.has("corruption") || layer.attributes.number("noise") == 0) return input;
  Attributes given;
  given.set("kind", layer.attributes.word("corruption"));
  given.set("noise", layer.attributes.number("noise"));
  given.set("low", below.low);
  given.set("high", below.high);
  return graph.add("corrupt", {input}, given);
}

NodeId with_row(Graph& graph, NodeId input, std::string_view row) {
  Attributes given;
  given.set("row", std::string(row));
  return graph.add("activate", {input}, given);
}

struct Penalties {
  const LayerSpec& layer;
  const activation::Row& row;

  std::vector<NodeId> add(Graph& graph, NodeId inputs, NodeId outputs, NodeId weight) const {
    std::vector<NodeId> added;
    if (const double factor = layer.attributes.number("contractive"); factor > 0) {
      Attributes given;
      given.set("row", std::string(row.name));
      given.set("weight", factor);
      added.push_back(graph.add("contractive_penalty", {inputs, weight}, given));
    }
    if (const double target = layer.attributes.number("sparsity"); target > 0) {
      if (unit_like(row) != "binary")
        fail("'", layer.text, "': sparsity= wants units with values from 0 to 1, such as sigmoid, ",
             "not ", row.name);
      Attributes given;
      given.set("target", target);
      given.set("weight", layer.attributes.number("sparsity_cost"));
      added.push_back(graph.add("kl_penalty", {outputs}, given));
    }
    return added;
  }
};

/// What momentum 0.9 takes. The loss bends in proportion to the sum of the squares of the numbers
/// that a product gets, which are about as large on the way back as on the way there; and the
/// squared error bends more than the cross-entropy.
double usual_rate(const Output& output, const Below& below) {
  constexpr double most = 0.05;
  return std::min(most, (output.cross_entropy ? 4 : 1) / below.power);
}

Learner learner(const LayerSpec& layer, const Below& below) {
  const activation::Row& row = encoder_row(layer);
  const Output output = output_of(layer, below);
  const bool tied = layer.attributes.word("tied") == "yes";
  const Shape there{below.inputs, layer.units()}, back{layer.units(), below.inputs};
  Graph graph;
  const NodeId weight = graph.add_parameter(there, {}, "weight");
  const NodeId visible_bias = graph.add_parameter(Shape{below.inputs}, {}, "visible_bias");
  const NodeId hidden_bias = graph.add_parameter(Shape{layer.units()}, {}, "hidden_bias");
  const NodeId input = graph.add_input({.shape = Shape{below.inputs}}, "input");
  Attributes up, down;
  up.set("units", layer.units());
  down.set("units", below.inputs);
  const NodeId x =
      graph.add("dense", {corrupted(graph, input, layer, below), weight, hidden_bias}, up);
  const NodeId y = with_row(graph, x, row.name);
  const NodeId z =
      tied ? graph.add("dense_transposed", {y, weight, visible_bias})
           : graph.add("dense", {y, graph.add_parameter(back, {}, "decoder_weight"), visible_bias},
                       down);
  NodeId target = input;
  if (output.factor != 1) {
    Attributes scaled;  // the targets between 0 and 1
    scaled.set("function", std::string("hard_sigmoid"));
    scaled.set("a", 1 / output.factor);
    target = graph.add("apply", {input}, scaled);
  }
  std::vector<NodeId> losses = {
      output.cross_entropy
          ? graph.add("sigmoid_cross_entropy", {z, target})
          : graph.add("squared_error", {with_row(graph, z, output.activation), target})};
  for (const NodeId penalty : Penalties{layer, row}.add(graph, x, y, weight))
    losses.push_back(penalty);
  return {.objective = train::minimise(std::move(graph), losses),
          .unit = unit_like(row),
          .rate = usual_rate(output, below),
          .factor = output.factor};
}

/// The total input with which an output unit is at the mean of what it reconstructs.
double input_at_mean(const Output& output, double mean) {
  constexpr double edge = 0.01;  // what is always 0 or 1 must be able to change
  if (output.activation == "identity") return mean;
  if (output.activation == "softplus") return std::log(std::expm1(std::max(mean, edge)));
  const double p = std::clamp(mean / output.factor, edge, 1 - edge);
  return std::log(p / (1 - p));
}

void start(const LayerSpec& layer, const Below& below, std::span<const double> mean,
           const Random& random, const run::ParameterLayout& layout, float* parameters) {
  // Both ways use the weight, so its deviation is between what suits one and the other (Glorot &
  // Bengio 2010, equation 16).
  const double deviation = std::sqrt(2.0 / static_cast<double>(below.inputs + layer.units()));
  std::size_t i = 0;
  for (float& w : numbers_of(layout, parameters, "weight"))
    w = static_cast<float>(deviation * random.normal(i++));
  if (layer.attributes.word("tied") == "no")
    for (float& w : numbers_of(layout, parameters, "decoder_weight"))
      w = static_cast<float>(deviation * random.normal(i++));
  const Output output = output_of(layer, below);
  std::ranges::transform(mean, numbers_of(layout, parameters, "visible_bias").begin(),
                         [&](double m) { return static_cast<float>(input_at_mean(output, m)); });
  std::ranges::fill(numbers_of(layout, parameters, "hidden_bias"), 0.0f);
}

Passage up(const LayerSpec& layer, const Below&, const run::ParameterLayout& layout,
           const float* parameters) {
  return dense_passage(encoder_row(layer).name, copy_of(layout, parameters, "weight"),
                       copy_of(layout, parameters, "hidden_bias"));
}

Passage down(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
             const float* parameters, double factor) {
  const bool tied = layer.attributes.word("tied") == "yes";
  std::vector<float> weight = tied ? transposed(numbers_of(layout, parameters, "weight"),
                                                static_cast<std::size_t>(below.inputs), factor)
                                   : copy_of(layout, parameters, "decoder_weight");
  if (!tied)
    for (float& w : weight) w = static_cast<float>(factor * w);
  return dense_passage(output_of(layer, below).activation, std::move(weight),
                       copy_of(layout, parameters, "visible_bias"));
}

}  // namespace

std::span<const LayerKind> dae() {
  static const LayerKind all[] = {
      {.name = "ae",
       .summary = "autoencoder",
       .attributes = std::span(dae_attributes).first(std::size(dae_attributes) - dae_only),
       .learner = learner,
       .start = start,
       .up = up,
       .down = down},
      {.name = "dae",
       .summary = "denoising autoencoder",
       .attributes = dae_attributes,
       .learner = learner,
       .start = start,
       .up = up,
       .down = down}};
  return all;
}

}  // namespace rectify::pretrain::ops
