#pragma once

// Networks with drawn numbers, and their answers: what the tests of this folder share.

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/onnx/onnx.h"
#include "rectify/run/plan.h"

namespace rectify::onnx {

/// All parameters and states drawn, so that none may be forgotten or take another's place; weights
/// are scaled to keep values of one size.
inline Network network_of(const std::string& text) {
  Network network{.graph = graph::parse_model(text)};
  const run::ParameterLayout layout(network.graph);
  for (const run::ParameterSlot& slot : layout.slots()) {
    const Random random(7, static_cast<std::uint32_t>(slot.node), 0);
    const double scale =
        slot.shape.rank() > 1
            ? std::sqrt(2.0 / static_cast<double>(slot.shape.size() / slot.shape.back()))
            : 0.3;
    const bool centre = slot.label.ends_with(".variance") || slot.label.ends_with(".scale");
    std::vector<float>& numbers = network.numbers[slot.node];
    numbers.resize(slot.size);
    if (centre) {
      for (std::size_t i = 0; i < slot.size; ++i)
        numbers[i] = static_cast<float>(0.6 + 0.4 * random.uniform(i));
      continue;
    }
    std::vector<std::array<double, 2>> pairs((slot.size + 1) / 2);
    random.normal_pairs(0, pairs);
    for (std::size_t i = 0; i < slot.size; ++i)
      numbers[i] = static_cast<float>(scale * pairs[i / 2][i % 2]);
  }
  return network;
}

inline std::vector<float> drawn(std::size_t count, std::uint32_t stream = 99) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i)
    samples[i] = static_cast<float>(1.5 * Random(3, stream, 0).normal(i));
  return samples;
}

/// Samples for a network: drawn numbers, or ids where it takes ids.
inline std::vector<float> samples_for(const Network& network, std::size_t batch) {
  const graph::Node& input = network.graph.node(network.graph.find("input"));
  const auto count = batch * static_cast<std::size_t>(input.type.shape.size());
  const auto ids = static_cast<std::uint32_t>(graph::ids_of(network.graph));
  std::vector<float> samples = drawn(count);
  for (std::size_t i = 0; ids > 0 && i < count; ++i)
    samples[i] = static_cast<float>(Random(3, 99, 0).word(i) % ids);
  return samples;
}

/// What a network answers to `batch` samples in our order, one list an input.
inline std::vector<float> answers(const Network& network,
                                  const std::vector<std::vector<float>>& inputs,
                                  std::int64_t batch) {
  const run::ParameterLayout layout(network.graph);
  Buffer parameters(layout.floats());
  for (const run::ParameterSlot& slot : layout.slots())
    std::ranges::copy(network.numbers.at(slot.node), parameters.data() + slot.offset);
  ThreadPool threads(1);
  run::Plan plan(network.graph, layout, parameters.data(), threads,
                 {.batch = batch, .keep = {network.graph.result}});
  std::size_t k = 0;
  for (const graph::NodeId id : network.graph.all("input")) {
    const std::vector<float>& samples = inputs[k++];
    float* into = plan.input(id);
    const std::vector<data::Scaling>& scalings = network.normalisation.inputs;
    const std::size_t width = samples.size() / static_cast<std::size_t>(batch);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const data::Scaling& s = scalings[i % width % scalings.size()];
      into[i] = (samples[i] - s.mean) * s.scale;
    }
  }
  plan.run({});
  const auto value = plan.value(network.graph.result);
  return {value.begin(), value.end()};
}

/// The largest difference over the largest number.
inline double difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return 1e30;
  double most = 0, size = 1e-30;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return 1e30;
    most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
    size = std::max(size, std::abs(static_cast<double>(a[i])));
  }
  return most / size;
}

}  // namespace rectify::onnx
