#include "rectify/train/certify/worst_inputs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/random.h"
#include "rectify/model/predictor.h"
#include "rectify/train/initialise.h"
#include "tests/helpers.h"

namespace rectify::train {
namespace {

model::Model network_of_sums(ThreadPool& threads) {
  model::Model model("6 : residual(dense 6 | relu) | dense_block(dense 4 | elu) | dense 3");
  model.loss = "softmax_cross_entropy";
  initialise(model.graph, model.layout, 3, "auto", threads, model.parameters.data());
  return model;
}

double loss_of(std::span<const float> outputs, std::int32_t label) {
  double sum = 0;
  for (const float y : outputs) sum += std::exp(double{y});
  return std::log(sum) - outputs[static_cast<std::size_t>(label)];
}

/// Of a network with sums of several ways, so that gradients from each of them are needed.
TEST(WorstInputs, AreWorseThanTheSampleAndThanMostCornersOfItsBox) {
  constexpr std::size_t batch = 40, features = 6, classes = 3, corners = 64;
  ThreadPool threads(2);
  model::Model model = network_of_sums(threads);
  const Random random(5, 0);
  std::vector<float> samples(batch * features), radius(batch * features, 0.2f);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<float>(random.normal(i));
  std::vector<std::int32_t> labels(batch);
  for (std::size_t i = 0; i < batch; ++i) labels[i] = static_cast<std::int32_t>(i % classes);
  WorstInputs worst(model, model.parameters.data(), threads);
  const std::span<const float> found = worst.find(samples, samples, radius, labels);

  model::Predictor predictor(network_of_sums(threads));
  std::vector<float> outputs(classes), corner(features);
  const auto loss = [&](std::span<const float> input, std::size_t sample) {
    predictor.run(input, outputs);
    return loss_of(outputs, labels[sample]);
  };
  std::size_t worse = 0;
  for (std::size_t s = 0; s < batch; ++s) {
    const std::span<const float> before = std::span(samples).subspan(s * features, features);
    const std::span<const float> after = found.subspan(s * features, features);
    for (std::size_t i = 0; i < features; ++i) EXPECT_LE(std::abs(after[i] - before[i]), 0.200001);
    const double got = loss(after, s);
    EXPECT_GT(got, loss(before, s)) << s;
    for (std::size_t c = 0; c < corners; ++c) {
      for (std::size_t i = 0; i < features; ++i)
        corner[i] = before[i] + (c >> i & 1 ? 0.2f : -0.2f);
      worse += got >= loss(corner, s) - 1e-6;
    }
  }
  EXPECT_GT(worse, batch * corners * 98 / 100);
}

}  // namespace
}  // namespace rectify::train
