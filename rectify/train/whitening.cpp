#include "rectify/train/whitening.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/symmetric_eigen.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"

namespace rectify::train {

namespace {

using graph::Graph;
using graph::NodeId;
using Matrix = std::vector<double>;  // inputs x inputs

constexpr std::int64_t most_inputs = 2048;
constexpr std::size_t patches_a_sample = 200, patches_an_input = 10, usual_samples = 2000;
constexpr std::size_t most_products = std::size_t{1} << 31;  // past patches_an_input
constexpr double smallest_share = 5e-4;  // of the mean eigenvalue, added to each

bool wants_whitening(const graph::Node& node, const std::string& replacement) {
  if (node.op->name != "parameter" || !node.attributes.has("init")) return false;
  const std::string name = node.attributes.word("init");
  return (name == "auto" ? replacement : name) == "whitening";
}

/// The layer that reads this weight.
const graph::Node& layer_of(const Graph& graph, NodeId weight) {
  return graph.node(graph.users(weight).front());
}

/// Positions in a sample of the numbers that one unit reads: patch i begins at first[i], and its
/// number k is offsets[k] further.
struct Patches {
  std::vector<std::size_t> first, offsets;
};

/// The patches of a dense: every vector along the last axis.
Patches rows_of_sample(const Shape& sample) {
  Patches found;
  const auto width = static_cast<std::size_t>(sample.back());
  for (std::size_t k = 0; k < width; ++k) found.offsets.push_back(k);
  for (std::size_t at = 0; at < static_cast<std::size_t>(sample.size()); at += width)
    found.first.push_back(at);
  return found;
}

/// The patches of a conv: every place where the window lies inside the image.
Patches windows_of_image(const Graph& graph, const graph::Node& conv) {
  const Shape& image = graph::image_of(graph, conv);
  const graph::Window window = graph::window_over(graph, conv);
  const std::int64_t channels = image[2];
  const auto at = [&](std::int64_t y, std::int64_t x) {
    return static_cast<std::size_t>((y * image[1] + x) * channels);
  };
  Patches found;
  for (std::int64_t r = 0; r < window.y.size; ++r)
    for (std::int64_t c = 0; c < window.x.size; ++c)
      for (std::int64_t k = 0; k < channels; ++k)
        found.offsets.push_back(at(r * window.y.dilation, c * window.x.dilation) +
                                static_cast<std::size_t>(k));
  for (std::int64_t y = 0; y + window.y.reach() <= image[0]; ++y)
    for (std::int64_t x = 0; x + window.x.reach() <= image[1]; ++x) found.first.push_back(at(y, x));
  return found;
}

/// At most `count` of `all`, at equal distances.
template <class Value>
std::vector<Value> thinned(std::span<const Value> all, std::size_t count) {
  const std::size_t step = std::max<std::size_t>(1, (all.size() + count - 1) / count);
  std::vector<Value> some;
  for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

/// The mean of p p' over the patches p of the samples. Tiles of samples are summed in their order.
Matrix second_moments(const data::Dataset& dataset, std::span<const std::uint32_t> samples,
                      const data::Normalisation& normalisation, const Patches& patches,
                      ThreadPool& threads) {
  const std::size_t features = dataset.features(), inputs = patches.offsets.size();
  const std::size_t tile = std::max<std::size_t>(1, 4096 / patches.first.size());
  std::vector<Matrix> parts((samples.size() + tile - 1) / tile);
  threads.run(parts.size(), [&](std::size_t part) {
    const auto some = samples.subspan(part * tile, std::min(tile, samples.size() - part * tile));
    std::vector<float> values(some.size() * features);
    data::gather(dataset.train, features, some, normalisation.inputs, values.data());
    std::vector<double> read;
    read.reserve(some.size() * patches.first.size() * inputs);
    for (std::size_t i = 0; i < some.size(); ++i)
      for (const std::size_t first : patches.first)
        for (const std::size_t offset : patches.offsets)
          read.push_back(values[i * features + first + offset]);
    parts[part].resize(inputs * inputs);
    add_moments(read, inputs, parts[part].data());
  });
  Matrix sum(inputs * inputs);
  for (const Matrix& part : parts)
    std::transform(sum.begin(), sum.end(), part.begin(), sum.begin(), std::plus<>());
  const double read =
      static_cast<double>(samples.size()) * static_cast<double>(patches.first.size());
  for (double& moment : sum) moment /= read;
  return sum;
}

double trace(const Matrix& moments, std::size_t inputs) {
  double sum = 0;
  for (std::size_t i = 0; i < inputs; ++i) sum += moments[i * (inputs + 1)];
  return sum;
}

/// The weights, inputs x units. The sign of an eigenvector is arbitrary: its largest number is made
/// positive.
std::vector<double> whitening_weights(const Matrix& moments, std::size_t inputs, std::size_t units,
                                      double gain) {
  const SymmetricEigen solved = symmetric_eigen(moments, inputs);
  const std::size_t axes = (units + 1) / 2;
  const double added = smallest_share * trace(moments, inputs) / static_cast<double>(inputs);
  std::vector<double> weights(inputs * units);
  for (std::size_t i = 0; i < axes; ++i) {
    const std::size_t from = inputs - 1 - i;  // eigenvalues ascend
    const std::span<const double> axis = solved.axis(from);
    const double largest = *std::max_element(
        axis.begin(), axis.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    const double sign = largest < 0 ? -1 : 1;
    const double scale = gain / std::sqrt(std::max(0.0, solved.values[from]) + added);
    for (std::size_t k = 0; k < inputs; ++k) {
      const double weight = sign * axis[k] * scale;
      weights[k * units + i] = weight;
      if (axes + i < units) weights[k * units + axes + i] = -weight;
    }
  }
  return weights;
}

void whiten_layer(model::Model& model, NodeId weight, const data::Dataset& dataset,
                  std::span<const std::uint32_t> samples, ThreadPool& threads) {
  const Graph& graph = model.graph;
  const graph::Node& layer = layer_of(graph, weight);
  Patches patches = layer.op->name == "conv" ? windows_of_image(graph, layer)
                                             : rows_of_sample(graph.input(layer, 0).type.shape);
  patches.first = thinned<std::size_t>(patches.first, patches_a_sample);
  if (patches.first.empty())
    fail("init=whitening: the window of '", layer.label, "' is larger than the image");
  const std::size_t inputs = patches.offsets.size(), each = patches.first.size();
  const std::size_t affordable = most_products / (inputs * inputs * each);
  const std::size_t count = std::max(
      {std::size_t{1}, patches_an_input * inputs / each, std::min(usual_samples, affordable)});
  const Matrix moments =
      second_moments(dataset, thinned(samples, count), model.normalisation, patches, threads);
  if (!(trace(moments, inputs) > 0))
    fail("init=whitening of '", layer.label, "': what it reads of the training samples is all 0");
  const run::ParameterSlot& slot = model.layout.slot_of(weight);
  const std::vector<double> weights =
      whitening_weights(moments, inputs, static_cast<std::size_t>(slot.shape.back()),
                        graph.node(weight).attributes.number("gain"));
  std::transform(weights.begin(), weights.end(), model.parameters.data() + slot.offset,
                 [](double w) { return static_cast<float>(w); });
}

}  // namespace

void check_whitening(const Graph& graph, const std::string& replacement) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!wants_whitening(graph.node(id), replacement)) continue;
    const graph::Node& layer = layer_of(graph, id);
    const bool conv = layer.op->name == "conv";
    if ((!conv && layer.op->name != "dense") || graph.input(layer, 0).op->name != "input")
      fail("init=whitening of '", layer.label,
           "': it is for a dense or conv that reads the samples; write it into that item alone");
    if (conv && layer.attributes.integer("groups") != 1)
      fail("init=whitening of '", layer.label, "': it wants groups=1");
    const Shape& shape = graph.node(id).type.shape;
    const std::int64_t units = shape.back(), inputs = shape.size() / units;
    if (inputs > most_inputs)
      fail("init=whitening of '", layer.label, "': a unit reads ", inputs, " numbers, at most ",
           most_inputs, " can be whitened");
    if (units > 2 * inputs)
      fail("init=whitening of '", layer.label, "': a unit reads ", inputs,
           " numbers: as many axes, each in two signs; make it at most ", 2 * inputs,
           " units, not ", units);
  }
}

void whiten(model::Model& model, const data::Dataset& dataset,
            std::span<const std::uint32_t> samples, const std::string& replacement,
            ThreadPool& threads) {
  for (NodeId id = 0; id < model.graph.size(); ++id)
    if (wants_whitening(model.graph.node(id), replacement))
      whiten_layer(model, id, dataset, samples, threads);
}

}  // namespace rectify::train
