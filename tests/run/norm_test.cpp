// Norms: values, gradients and next states against the reference and against differences, for rows
// of any width and rank; exactness far from 0; what is refused.

#include <gtest/gtest.h>

#include "rectify/base/text.h"
#include "rectify/pass/advance.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

const std::vector<std::string>& norms() {
  static const std::vector<std::string> items = {
      "layer_norm", "layer_norm affine=no", "layer_norm epsilon=0.1",
      "rms_norm",   "rms_norm affine=no",   "rms_norm epsilon=0.1",
      "batch_norm", "batch_norm affine=no", "batch_norm epsilon=0.1 momentum=0.5",
  };
  return items;
}

// The layers before have no bias: behind batch_norm its gradient is 0, of which nothing but
// rounding is left.
TEST(Norm, ValuesAndGradientsAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& item : norms())
    for (const LossCase& loss : loss_cases())
      for (const std::int64_t batch : {5, 37, 130}) {
        const std::string text =
            concat("19 : dense 33 bias=no | ", item, " | relu | dense ", loss.outputs);
        expect_cpu_is_reference(network(text, loss, batch, 1, Draw::grid), threads,
                                text + ", " + loss.text());
      }
}

TEST(Norm, RowsOfAnyWidthAreTheReferences) {
  ThreadPool threads(3);
  for (const std::string item : {"layer_norm", "rms_norm", "batch_norm"})
    for (const std::int64_t width : {3, 14, 126, 127, 128, 129, 257, 1025, 2049, 4099}) {
      const std::string text =
          concat("3 : dense ", width, " bias=no | ", item, " | tanh | dense 5");
      for (const std::int64_t batch : {6, 67})
        expect_cpu_is_reference(network(text, softmax, batch, 8, Draw::grid), threads, text);
    }
}

/// Norms over images: a chain without a dense layer, with a penalty for a loss.
Network images(const std::string& text, std::int64_t batch, std::uint64_t seed) {
  Network n{.graph = graph::parse_model(text), .batch = batch};
  n.losses.push_back(n.graph.add("l1_penalty", {n.graph.result}));
  n.gradients = pass::differentiate(n.graph, n.losses);
  pass::advance(n.graph);
  draw_data(n, softmax, seed, Draw::normal);
  return n;
}

const std::vector<std::string>& image_texts() {
  static const std::vector<std::string> texts = {
      "4x6x3 : prelu | batch_norm | sigmoid", "4x6x3 : prelu | layer_norm | sigmoid",
      "4x6x3 : prelu | rms_norm | sigmoid", "3x3x1 : batch_norm | sigmoid",
      "4x4x3 : batch_norm | prelu | batch_norm affine=no | softplus"};
  return texts;
}

TEST(Norm, SamplesOfAnyRankAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& text : image_texts())
    for (const std::int64_t batch : {1, 2, 9}) {
      expect_cpu_is_reference(images(text, batch, 3), threads, text);
      const reference::Values want = run_reference(images(text, batch, 3), false);
      for (const auto& [id, value] : run_on_cpu(images(text, batch, 3), threads, true, false))
        EXPECT_LE(distance(value, want[id]), tolerance) << text << ", in inference";
    }
  for (const std::int64_t channels : {1, 7, 300})
    for (const std::string item : {"batch_norm", "layer_norm", "rms_norm"}) {
      const std::string text = concat("29x31x", channels, " : ", item, " | sigmoid");
      expect_cpu_is_reference(images(text, 5, 4), threads, text);
    }
}

TEST(Norm, GradientsOfTheReferenceAreDifferences) {
  for (const std::string& item : norms())
    for (const bool training : {true, false}) {
      const std::string text = concat("3 : dense 4 | ", item, " | tanh | dense 5");
      expect_differences_agree(
          [&](std::uint64_t seed) { return network(text, softmax, 6, seed, Draw::normal); },
          concat(text, training ? "" : ", in inference"), training);
    }
  for (const std::string& text : image_texts())
    expect_differences_agree([&](std::uint64_t seed) { return images(text, 3, seed); }, text);
}

/// What `item` makes of samples 10^4 + normal numbers, and what it should.
void expect_exact_far_from_zero(const std::string& item, double most) {
  ThreadPool threads(2);
  for (const std::string shape : {"200", "10x10x2"}) {
    Network n = images(concat(shape, " : ", item, " | identity"), 500, 1);
    for (double& x : n.given[n.graph.find("input")]) x = static_cast<float>(1e4 + x);
    const reference::Values want = run_reference(n);
    const Values got = run_on_cpu(n, threads, true);
    for (std::size_t i = 0; i < want[n.graph.result].size(); ++i)
      ASSERT_NEAR(got.at(n.graph.result)[i], want[n.graph.result][i], most) << item << ", " << i;
    for (const NodeId id : n.graph.all("batch_norm_statistics"))
      for (std::size_t i = 0; i < want[id].size(); ++i)
        ASSERT_NEAR(got.at(id)[i], want[id][i], 1e-7 * want[id][i]) << shape << ", " << i;
    for (const auto& [parameter, gradient] : n.gradients)
      EXPECT_LE(distance(got.at(gradient), want[gradient]), 1e-3)
          << item << ": " << n.graph.node(parameter).label;
  }
}

TEST(Norm, FarFromZeroIsExact) {
  expect_exact_far_from_zero("layer_norm affine=no", 2e-5);
  // The mean is a float, which at 10^4 is no finer than the samples themselves are.
  expect_exact_far_from_zero("batch_norm affine=no", 6e-4);
}

TEST(Norm, ConstantRowsAndChannelsAreTheShift) {
  ThreadPool threads(1);
  for (const std::string item : {"layer_norm", "batch_norm"}) {
    Network n = images(concat("40 : ", item), 3, 1);
    for (double& x : n.given[n.graph.find("input")]) x = 7.125;
    const std::vector<float> y = run_on_cpu(n, threads, true).at(n.graph.result);
    const std::vector<double>& shift = n.given[n.graph.find(item + "1.shift")];
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], static_cast<float>(shift[i % 40]));
  }
}

TEST(Norm, OfWhatIsNotFiniteIsNotFinite) {
  ThreadPool threads(1);
  for (const std::string item : {"layer_norm", "rms_norm", "batch_norm"})
    for (const double bad : {double{NAN}, double{INFINITY}}) {
      Network n = images(concat("40 : ", item), 3, 1);
      n.given[n.graph.find("input")][5] = bad;
      const std::vector<float> y = run_on_cpu(n, threads, true).at(n.graph.result);
      EXPECT_TRUE(std::isnan(y[5])) << item << " of " << bad;
    }
}

TEST(Norm, ABatchOfOneNumberAChannelIsRefused) {
  ThreadPool threads(1);
  const Network n = network("3 : dense 4 | batch_norm | dense 5", softmax, 1, 1, Draw::grid);
  try {
    run_on_cpu(n, threads, true);
    FAIL() << "one number has no variance";
  } catch (const Error& error) {
    const std::string what = error.what();
    for (const std::string part : {"'batch_norm1.statistics'", "batch of 1", "layer_norm"})
      EXPECT_NE(what.find(part), std::string::npos) << what;
  }
  EXPECT_NO_THROW(run_on_cpu(n, threads, true, false)) << "inference has its running statistics";
}

TEST(Norm, StatesBecomeRunningStatistics) {
  ThreadPool threads(1);
  Network n = network("2 : batch_norm momentum=0.25 | dense 5", softmax, 4, 1, Draw::grid);
  n.given[n.graph.find("input")] = {1, 0, 2, 0, 3, 0, 6, 8};
  n.given[n.graph.find("batch_norm1.mean")] = {1, -2};
  n.given[n.graph.find("batch_norm1.variance")] = {2, 4};
  const Values got = run_on_cpu(n, threads, true);
  const auto next = [&](const char* label) { return got.at(n.graph.find(label)); };
  EXPECT_EQ(next("batch_norm1.statistics"), (std::vector<float>{3, 2, 3.5, 12}));
  EXPECT_EQ(next("batch_norm1.mean.next"), (std::vector<float>{1.5, -1}));
  // 3.5 and 12 are over 4 elements; the running variance takes 14 / 3 and 16.
  EXPECT_FLOAT_EQ(next("batch_norm1.variance.next")[0], 0.75 * 2 + 0.25 * 14 / 3);
  EXPECT_FLOAT_EQ(next("batch_norm1.variance.next")[1], 0.75 * 4 + 0.25 * 16);
}

}  // namespace
}  // namespace rectify::run
