#include "rectify/pretrain/net_sampler.h"

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/pretrain/likelihood/chains.h"

namespace rectify::pretrain {

namespace {

/// Means of visible units with these total inputs.
std::vector<float> means_of_inputs(const Machine& machine, std::vector<float> inputs) {
  if (machine.visible->name == "gaussian") return inputs;  // its mean is its input
  activation::kernels(*machine.visible).mean(inputs.data(), inputs.data(), inputs.size(), 1);
  return inputs;
}

void check_sampling(const NetSampling& how) {
  if (how.count < 1) fail("count must be 1 or more, not ", how.count);
  if (how.steps < 1) fail("steps must be 1 or more, not ", how.steps);
}

}  // namespace

std::vector<float> sample_net(const SavedStack& stack, const NetSampling& how, ThreadPool& threads,
                              const ProgressCallback& progress) {
  check_sampling(how);
  for (std::size_t layer = 0; layer < stack.layers.size(); ++layer) machine_of(stack, layer);
  const Machine& top = machine_of(stack, stack.layers.size() - 1);
  const Machine standard = standardised(top);
  AnnealedChains chains(standard, standard.visible_bias, how.count, how.seed, threads);
  chains.begin(0);
  for (int step = 1; step <= how.steps; ++step) {
    chains.step(1, static_cast<std::uint32_t>(step));
    if (progress && step % 20 == 0)
      progress({.text = concat("sampling, step ", step, " of ", how.steps),
                .done = static_cast<double>(step) / how.steps});
  }
  const auto inputs = chains.visible_inputs();
  std::vector<float> units = means_of_inputs(top, {inputs.begin(), inputs.end()});
  for (std::size_t i = 0; i < units.size() && !top.variance.empty(); ++i)
    units[i] *= std::sqrt(top.variance[i % top.visible_units()]);
  for (std::size_t layer = stack.layers.size() - 1; layer-- > 0;) {
    const Machine& machine = machine_of(stack, layer);
    units = means_of_inputs(machine, visible_inputs(machine, units, threads));
  }
  return units;
}

void to_stored(std::span<float> samples, const SavedStack& stack) {
  const std::vector<data::Scaling>& scalings = stack.encoder.normalisation.inputs;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const data::Scaling& scaling = scalings[i % scalings.size()];
    // A constant feature of a table has scale 0: it is its mean.
    samples[i] = scaling.scale == 0 ? scaling.mean : samples[i] / scaling.scale + scaling.mean;
  }
}

}  // namespace rectify::pretrain
