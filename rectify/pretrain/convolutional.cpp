#include "rectify/pretrain/convolutional.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/graph/text.h"
#include "rectify/model/model.h"
#include "rectify/pretrain/passage.h"
#include "rectify/pretrain/rows.h"

namespace rectify::pretrain {

namespace {

/// The total inputs of the hidden units, height x width x units for each picture.
std::vector<float> inputs_at_places(const ConvolutionalMachine& m, std::span<const float> pictures,
                                    ThreadPool& threads) {
  const std::string text = concat("conv ", m.hidden_bias.size(), " ", m.kernel, " padding=valid");
  const Passage up{.input = m.picture,
                   .output = m.places(),
                   .text = text,
                   .parameters = {m.weight, m.hidden_bias}};
  const model::Model network = network_of({&up, 1});
  const auto width = static_cast<std::size_t>(m.picture.size());
  std::vector<std::uint32_t> all(pictures.size() / width);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  return Rows({pictures.begin(), pictures.end()}, width)
      .through(network.graph, network.layout, network.parameters.data(), threads)
      .of(all);
}

/// ln(1 + the sum of exp(x)) over the units of one block.
double log_states(const float* x, std::size_t size, std::size_t row, std::size_t channels) {
  double top = 0;
  const auto each_unit = [&](auto&& visit) {
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j) visit(x[i * row + j * channels]);
  };
  each_unit([&](double input) { top = std::max(top, input); });
  double sum = std::exp(-top);
  each_unit([&](double input) { sum += std::exp(input - top); });
  return top + std::log(sum);
}

double hidden_energy(const ConvolutionalMachine& m, const float* x) {
  const Shape places = m.places();
  const auto n = static_cast<std::size_t>(places.size());
  const auto size = static_cast<std::size_t>(m.pool);
  const auto channels = static_cast<std::size_t>(places.back());
  const std::size_t row = static_cast<std::size_t>(places[1]) * channels;
  if (m.hidden->name != "binary") {
    const std::vector<double> inputs(x, x + n);
    return -m.hidden->free_energy(inputs, 1);
  }
  double energy = 0;
  for (std::size_t i = 0; i < n; i += size * row)
    for (std::size_t j = 0; j < row; j += size * channels)
      for (std::size_t k = 0; k < channels; ++k)
        energy -= log_states(x + i + j + k, size, row, channels);
  return energy;
}

}  // namespace

Shape ConvolutionalMachine::places() const {
  return Shape{picture[0] - kernel + 1, picture[1] - kernel + 1,
               static_cast<std::int64_t>(hidden_bias.size())};
}

bool has_free_energy(const ConvolutionalMachine& machine) {
  return machine.visible->name == "binary" || machine.visible->name == "gaussian";
}

std::vector<double> free_energies(const ConvolutionalMachine& machine,
                                  std::span<const float> pictures, ThreadPool& threads) {
  if (!has_free_energy(machine))
    fail("the free energy of a machine with ", machine.visible->name,
         " visible units is not known; only of binary and gaussian ones");
  const bool gaussian = machine.visible->name == "gaussian";
  const std::vector<float> inputs = inputs_at_places(machine, pictures, threads);
  const auto width = static_cast<std::size_t>(machine.picture.size());
  const auto hidden = static_cast<std::size_t>(machine.places().size());
  const std::size_t channels = machine.visible_bias.size();
  std::vector<double> energies(pictures.size() / width);
  threads.run(energies.size(), [&](std::size_t p) {
    double energy = hidden_energy(machine, inputs.data() + p * hidden);
    for (std::size_t i = 0; i < width; ++i) {
      const double v = pictures[p * width + i], b = machine.visible_bias[i % channels];
      energy += gaussian ? (v - b) * (v - b) / 2 : -b * v;
    }
    energies[p] = energy;
  });
  return energies;
}

}  // namespace rectify::pretrain
