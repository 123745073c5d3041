// Convolutions of few channels as products of rows, and gradients that leave out zeros: which they
// are, against the reference, and to the bit for any number of threads.

#include "rectify/run/cpu/convolution/row_convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "rectify/base/text.h"
#include "rectify/run/cpu/product/small_product.h"
#include "rectify/run/profile.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

/// Steps of a network that ran, by label: by what, and how often zeros were left out.
std::map<std::string, StepProfile> steps_of(const Network& n) {
  std::map<std::string, StepProfile> steps;
  ThreadPool threads(2);
  observe_steps([&](const StepProfile& step) {
    if (step.runs > 0) steps[step.label] = step;
  });
  run_on_cpu(n, threads, false);
  observe_steps({});
  return steps;
}

/// LeNet's convolutions and others of few channels: with padding of every kind, strides, places in
/// a row that two, three, four and none divide, and windows of one to four vectors.
std::vector<std::string> networks_of_few_channels() {
  return {
      "28x28x1 : conv 6 5x5 | relu | max_pool 2 | conv 16 5x5 padding=valid | relu | max_pool 2 "
      "| flatten | dense 5",
      "12x9x3 : conv 5 3x3 | relu | max_pool 3 | conv 7 2x3 | relu | max_pool 2 | flatten | dense "
      "5",
      "13x13x2 : conv 4 5x5 stride=2 padding=1 | relu | conv 3 3x3 stride=2x1 | relu | flatten | "
      "dense 5",
      "11x12x2 : conv 12 7x7 padding=3 bias=no | relu | max_pool 2 | conv 20 1x1 | relu | max_pool "
      "2 "
      "| flatten | dense 5",
      "9x16x4 : conv 15 2x2 padding=valid | relu | max_pool 2 | conv 32 3x4 padding=same | relu | "
      "global_avg_pool | dense 5"};
}

TEST(RowConvolution, ValuesAndGradientsAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& text : networks_of_few_channels())
    for (const std::int64_t batch : {1, 3, 37})
      expect_cpu_is_reference(network(text, softmax, batch, 1, Draw::grid), threads, text);
}

TEST(RowConvolution, IsTheSameBitsForAnyNumberOfThreads) {
  for (const std::string& text : networks_of_few_channels()) {
    const Network n = network(text, softmax, 37, 5, Draw::normal, 0.1);
    ThreadPool one(1);
    const Values all = run_on_cpu(n, one, true);
    for (const int count : {2, 3, 5}) {
      ThreadPool threads(count);
      for (const auto& [id, value] : run_on_cpu(n, threads, false))
        EXPECT_EQ(0, std::memcmp(value.data(), all.at(id).data(), value.size() * sizeof(float)))
            << graph::where(n.graph.node(id)) << ", " << count << " threads: " << text;
    }
  }
}

TEST(RowConvolution, IsForFewChannels) {
  if (!cpu::SmallProduct::available()) GTEST_SKIP() << "no code can be generated here";
  const auto by = [](const std::string& text, const std::string& step) {
    const std::string whole = text + " | relu | global_avg_pool | dense 5";
    return steps_of(network(whole, softmax, 9, 1, Draw::grid)).at(step).implementation;
  };
  EXPECT_EQ(by("28x28x1 : conv 6 5x5", "conv1"), "rows");
  EXPECT_EQ(by("12x12x16 : conv 10 5x5", "conv1"), "rows");
  for (const std::string conv : {"conv 33 5x5", "conv 6 5x5 dilation=2", "conv 6 5x5 groups=3"})
    EXPECT_EQ(by("12x12x3 : " + conv, "conv1"), "oneDNN") << conv;
  EXPECT_EQ(by("12x12x16 : conv 16 5x5", "conv1"), "oneDNN");
}

TEST(SparseGradients, LeaveOutWhatMaxPoolsAndRectifiersMakeZero) {
  const std::string text =
      "20x20x3 : conv 3 1x1 | tanh | conv 16 5x5 | relu | max_pool 4 | flatten | dense 5";
  auto steps = steps_of(network(text, softmax, 16, 1, Draw::normal));
  const auto left_out = [&](const std::string& label) { return steps.at(label).zeros.left_out; };
  EXPECT_EQ(left_out("d_conv2.weight"), 1);
  EXPECT_EQ(left_out("d_conv2.input"), 1);
  // A smooth activation keeps the zeros of a max pool behind it; without one there are none.
  const std::string smooth = "20x20x3 : conv 3 1x1 | tanh | conv 16 5x5 | tanh | ";
  steps =
      steps_of(network(smooth + "max_pool 4 | flatten | dense 5", softmax, 16, 1, Draw::normal));
  EXPECT_EQ(left_out("d_conv2.weight"), 1);
  EXPECT_EQ(left_out("d_conv2.input"), 1);
  steps = steps_of(network(smooth + "flatten | dense 5", softmax, 16, 1, Draw::normal));
  EXPECT_EQ(left_out("d_conv2.weight"), 0);
  EXPECT_EQ(left_out("d_conv2.input"), 0);
}

}  // namespace
}  // namespace rectify::run
