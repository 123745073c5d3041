// Convolutions by Winograd's algorithm: which they are, against the reference, and to the bit for
// any number of threads.

#include "rectify/run/cpu/convolution/winograd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "rectify/base/text.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/product/small_product.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

cpu::ConvolutionSize size_of(std::int64_t batch, const std::string& image, const std::string& conv,
                             Element element = Element::float32) {
  const graph::Graph g = graph::parse_model(image + " : " + conv);
  const graph::Node& node = g.node(g.result);
  const Shape& shape = g.input(node, 0).type.shape;
  return {.window = graph::window_over(g, node),
          .batch = batch,
          .channels = shape.back(),
          .units = node.attributes.integer("units"),
          .groups = node.attributes.integer("groups"),
          .element = element,
          .result = element};
}

class Winograd : public testing::Test {
  void SetUp() override {
    if (!cpu::SmallProduct::available()) GTEST_SKIP() << "no code can be generated here";
  }
};

TEST_F(Winograd, IsForTapsSideBySideOverManyChannels) {
  for (const std::string conv : {"conv 16 3x3", "conv 48 3x3 padding=valid", "conv 32 3x3 bias=no"})
    EXPECT_TRUE(cpu::suits_winograd(size_of(16, "9x8x16", conv))) << conv;
  for (const std::string conv :
       {"conv 16 3x3 stride=2", "conv 16 3x3 dilation=2", "conv 16 3x3 groups=2", "conv 8 3x3",
        "conv 16 3x2", "conv 16 5x5", "conv 16 1x1"})
    EXPECT_FALSE(cpu::suits_winograd(size_of(16, "9x8x16", conv))) << conv;
  EXPECT_FALSE(cpu::suits_winograd(size_of(16, "9x8x20", "conv 16 3x3"))) << "channels";
  EXPECT_FALSE(cpu::suits_winograd(size_of(64, "2x2x16", "conv 16 3x3"))) << "tiles hardly used";
  EXPECT_TRUE(cpu::suits_winograd(size_of(64, "7x7x16", "conv 16 3x3")));
  EXPECT_FALSE(cpu::suits_winograd(size_of(64, "7x7x16", "conv 16 3x3", Element::bfloat16)))
      << "products of bfloat16 are faster than those that are saved";
  EXPECT_FALSE(cpu::suits_winograd(size_of(1, "9x8x16", "conv 16 3x3"))) << "few tiles";
  EXPECT_FALSE(cpu::suits_winograd(size_of(16, "9x8x512", "conv 512 3x3"))) << "a large weight";
}

/// Smooth networks, so that nothing hangs on the side of a kink; with results that fill tiles and
/// that do not, in one block of tiles and in several.
std::vector<std::string> texts() {
  std::vector<std::string> all;
  for (const std::string item :
       {"conv 16 3x3", "conv 48 3x3 padding=valid bias=no", "conv 80 3x3 padding=2",
        "conv 16 3x3 padding=0x1 bias=no | batch_norm", "residual(conv 16 3x3)"})
    all.push_back(
        concat("9x8x3 : conv 16 1x1 | tanh | ", item, " | tanh | global_avg_pool | dense 5"));
  all.push_back("31x21x16 : conv 32 3x3 | silu | global_avg_pool | dense 5");
  all.push_back("4x4x16 : conv 160 3x3 | tanh | conv 16 3x3 | tanh | flatten | dense 5");
  all.push_back("12x20x16 : conv 32 3x3 | silu | flatten | dense 5");
  return all;
}

// Ten times closer than what the reference asks of others.
TEST_F(Winograd, ValuesAndGradientsAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& text : texts())
    for (const std::int64_t batch : {9, 37}) {
      const Network n = network(text, softmax, batch, 4, Draw::normal);
      const reference::Values want = run_reference(n);
      for (const bool keep_all : {true, false})
        for (const auto& [id, value] : run_on_cpu(n, threads, keep_all))
          EXPECT_LE(distance(value, want[id]), 1e-5)
              << text << ": " << graph::where(n.graph.node(id)) << " at batch " << batch;
    }
}

// Errors of 1e-6 are enough to round a factor to its other neighbour, 4e-3 away; half of what no
// rounding would give.
TEST_F(Winograd, ValuesAndGradientsOfBfloat16AreTheReferences) {
  if (!cpu::can_compute_bfloat16())
    GTEST_SKIP() << "oneDNN, which computes the convolutions of 1x1 taps, has no bfloat16 here";
  ThreadPool threads(2);
  for (const std::string& text : texts())
    for (const std::int64_t batch : {9, 37}) {
      Network n = network(text, softmax, batch, 4, Draw::normal);
      n.bfloat16 = true;
      const reference::Values want = run_reference(n, true, {.seed = 7, .step = 3}, true);
      for (const auto& [id, value] : run_on_cpu(n, threads, true))
        EXPECT_LE(distance(value, want[id]), 1e-3)
            << text << ": " << graph::where(n.graph.node(id)) << " at batch " << batch;
    }
}

TEST_F(Winograd, IsNotWhatIsComputedWithoutIt) {
  ThreadPool threads(2);
  Network n = network(texts()[0], softmax, 37, 4, Draw::normal);
  const Values with = run_on_cpu(n, threads, false);
  n.winograd = false;
  EXPECT_NE(with, run_on_cpu(n, threads, false)) << "the tests above have tested nothing";
}

TEST_F(Winograd, IsTheSameBitsForAnyNumberOfThreads) {
  for (const std::string& text : texts())
    for (const bool bfloat16 : {false, true}) {
      if (bfloat16 && !cpu::can_compute_bfloat16()) continue;  // the test above says so
      Network n = network(text, softmax, 37, 4, Draw::normal);
      n.bfloat16 = bfloat16;
      ThreadPool one(1);
      for (const bool keep_all : {true, false}) {
        const Values want = run_on_cpu(n, one, keep_all);
        for (const int count : {2, 3, 5}) {
          ThreadPool threads(count);
          EXPECT_EQ(run_on_cpu(n, threads, keep_all), want) << text << ", " << count << " threads";
        }
      }
    }
}

TEST_F(Winograd, KeepsANanInItsSample) {
  ThreadPool threads(2);
  Network n = network("6x6x16 : conv 16 3x3 | flatten | dense 5", softmax, 16, 6, Draw::normal);
  n.given[n.graph.find("input")][6 * 6 * 16 + 20] = NAN;
  const Values values = run_on_cpu(n, threads, true);
  const std::vector<float>& y = values.at(n.graph.result);
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i / 5 == 1) << i;
}

}  // namespace
}  // namespace rectify::run
