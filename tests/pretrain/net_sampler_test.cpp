#include "rectify/pretrain/net_sampler.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/helpers.h"

namespace rectify::pretrain {
namespace {

/// Two layers: the lower one copies each hidden unit to a pair of visible ones, and in the upper
/// one exactly one of two units is on.
SavedStack pairs() {
  const activation::Unit& binary = activation::unit("binary");
  SavedStack stack{.encoder = model::Model("4 : dense 2 | sigmoid | dense 1 | sigmoid"),
                   .layers = parse_stack("rbm 2 | rbm 1"),
                   .machines = {},
                   .sample_shape = Shape{2, 2, 1},
                   .data = {}};
  stack.machines.push_back(Machine{.visible = &binary,
                                   .hidden = &binary,
                                   .weight = {40, 0, 40, 0, 0, 40, 0, 40},
                                   .visible_bias = {-20, -20, -20, -20},
                                   .hidden_bias = {0, 0}});
  // Hidden 1: the first unit is on and the second off; hidden 0: the other way round.
  stack.machines.push_back(Machine{.visible = &binary,
                                   .hidden = &binary,
                                   .weight = {40, -40},
                                   .visible_bias = {-20, 20},
                                   .hidden_bias = {1}});
  return stack;
}

/// Two visible units with one hidden unit, which change often.
SavedStack one_that_mixes() {
  SavedStack stack = pairs();
  stack.layers = parse_stack("rbm 1");
  stack.encoder = model::Model("2 : dense 1 | sigmoid");
  stack.machines = {Machine{.visible = &activation::unit("binary"),
                            .hidden = &activation::unit("binary"),
                            .weight = {2, 2},
                            .visible_bias = {-0.7f, -0.7f},
                            .hidden_bias = {-1}}};
  return stack;
}

TEST(NetSampler, DrawsWhatTheLastMachineDrawsAndGoesDown) {
  const SavedStack stack = pairs();
  ThreadPool threads(2);
  const std::vector<float> samples = sample_net(stack, {.count = 50, .steps = 30}, threads);
  ASSERT_EQ(samples.size(), 200u);
  for (std::size_t s = 0; s < 50; ++s) {
    EXPECT_NEAR(samples[4 * s], samples[4 * s + 1], 1e-6);
    EXPECT_NEAR(samples[4 * s] + samples[4 * s + 2], 1, 1e-4);
  }
}

TEST(NetSampler, DrawsStatesByTheirProbabilities) {
  const SavedStack stack = one_that_mixes();
  // p(h = 1): (1 + e^(2 - 0.7))² e^-1 against (1 + e^-0.7)².
  const double on = std::pow(1 + std::exp(1.3), 2) * std::exp(-1),
               off = std::pow(1 + std::exp(-0.7), 2);
  const double sigmoid_on = 1 / (1 + std::exp(-1.3)), sigmoid_off = 1 / (1 + std::exp(0.7));
  const double want = (on * sigmoid_on + off * sigmoid_off) / (on + off);
  ThreadPool threads(1);
  const std::vector<float> samples = sample_net(stack, {.count = 4000, .steps = 50}, threads);
  double mean = 0;
  for (const float x : samples) mean += x / static_cast<double>(samples.size());
  EXPECT_NEAR(mean, want, 0.015);  // means of 4,000 have a deviation of 0.004
}

TEST(NetSampler, IsTheSameBitsForAnyNumberOfThreadsAndAnotherForAnotherSeed) {
  const SavedStack stack = one_that_mixes();
  ThreadPool one(1), three(3);
  const std::vector<float> first = sample_net(stack, {.count = 30, .steps = 5}, one);
  EXPECT_TRUE(same_bits(first, sample_net(stack, {.count = 30, .steps = 5}, three)));
  EXPECT_FALSE(same_bits(first, sample_net(stack, {.count = 30, .steps = 5, .seed = 2}, three)));
}

TEST(NetSampler, BringsSamplesToTheScaleOfTheData) {
  SavedStack stack = pairs();
  stack.encoder.normalisation.inputs = {{.mean = 10, .scale = 0.5f}, {.mean = 3, .scale = 0}};
  std::vector<float> samples = {0, 0.5f, 1, 0};
  to_stored(samples, stack);
  EXPECT_EQ(samples, (std::vector<float>{10, 3, 12, 3}));
}

TEST(NetSampler, RefusesWhatHasNoSamples) {
  ThreadPool threads(1);
  SavedStack stack = pairs();
  EXPECT_TRUE(contains(error_of([&] { sample_net(stack, {.steps = 0}, threads); }), "steps"));
  EXPECT_TRUE(contains(error_of([&] { sample_net(stack, {.count = 0}, threads); }), "count"));
  stack.machines[0].reset();
  EXPECT_TRUE(contains(error_of([&] { sample_net(stack, {}, threads); }),
                       "layer 1 of the stack, 'rbm 2', is no Boltzmann machine"));
}

}  // namespace
}  // namespace rectify::pretrain
