#include "rectify/diagnose/regions/saliency.h"

#include "rectify/diagnose/regions/first_weights.h"
#include "rectify/diagnose/regions/linear_map.h"
#include "tests/diagnose/regions/networks.h"

namespace rectify::diagnose {
namespace {

// One goes backwards through the network in floats, the other forwards in doubles.
TEST(Saliency, IsTheRowOfTheLinearMap) {
  ThreadPool threads(1);
  for (const char* text :
       {"6 : dense 10 | relu | dense 8 | leaky_relu | dense 3",
        "6x6x2 : conv 4 3x3 | batch_norm | relu | max_pool 2 | flatten | dense 3",
        "4x4x1 : conv 3 3x3 | relu | residual(conv 3 3x3 | relu) | global_avg_pool | dense 3",
        "4x3 : dense 5 | maxout 5 | flatten | dense 3"}) {
    const model::Model model = random_model(text, 7);
    const AffineNetwork network(model);
    Saliency saliency(model, threads);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const std::vector<float> input = random_input(network.inputs(), seed);
      const LinearMap map = linear_map_at(network, input, threads);
      for (std::size_t output = 0; output < 3; ++output) {
        const std::vector<float> found = saliency.gradient(input, output);
        for (std::size_t i = 0; i < found.size(); ++i)
          EXPECT_NEAR(found[i], map.gradient(output)[i], 1e-5) << text;
      }
    }
  }
}

TEST(Saliency, OfASmoothNetworkIsItsDerivative) {
  model::Model model("1 : tanh | dense 1");
  set_parameter(model, "dense1.weight", {3});
  ThreadPool threads(1);
  const float slope = Saliency(model, threads).gradient(std::vector<float>{0.5f}, 0)[0];
  EXPECT_NEAR(slope, 3 * (1 - std::tanh(0.5) * std::tanh(0.5)), 1e-6);
}

TEST(Saliency, RefusesWhatHasNoGradient) {
  ThreadPool threads(1);
  const model::Model model = random_model("2 : dense 3 | relu | dense 2", 1);
  Saliency saliency(model, threads);
  expect_error([&] { saliency.gradient(std::vector<float>{1}, 0); }, {"1 numbers", "takes 2"});
  expect_error([&] { saliency.gradient(std::vector<float>{1, 2}, 2); }, {"no output 2", "has 2"});
  const model::Model text("8 : embedding 5 4 | flatten | dense 2");
  expect_error([&] { Saliency(text, threads); }, {"ids"});
}

TEST(FirstWeights, AreThoseOfEachUnitTheLargestFirst) {
  model::Model model("2x2x1 : flatten | dense 3 | relu | dense 2");
  set_parameter(model, "dense1.weight", {1, 5, 0, 2, 6, 0, 3, 7, 1, 4, 8, 0});
  const FirstWeights found = first_weights(model, Shape{2, 2, 1});
  EXPECT_EQ(found.label, "dense1.weight");
  EXPECT_EQ(found.shape, (Shape{2, 2, 1}));
  EXPECT_EQ(found.numbers, (std::vector<std::size_t>{1, 0, 2}));
  EXPECT_EQ(found.maps[0], (std::vector<float>{5, 6, 7, 8}));
  EXPECT_EQ(found.maps[2], (std::vector<float>{0, 0, 1, 0}));
  EXPECT_EQ(first_weights(model, Shape{2, 2, 1}, 2).maps.size(), 2u);
  EXPECT_EQ(first_weights(model, Shape{2, 2, 1}, 2).units, 3u);
}

TEST(FirstWeights, OfAConvolutionAreItsWindows) {
  const model::Model model = random_model("8x8x3 : conv 5 2x3 | relu | flatten | dense 2", 1);
  const FirstWeights found = first_weights(model, Shape{8, 8, 3});
  EXPECT_EQ(found.shape, (Shape{2, 3, 3}));
  EXPECT_EQ(found.maps.size(), 5u);
  EXPECT_EQ(found.maps[0].size(), 18u);
}

TEST(FirstWeights, AreNotThereWithoutImagesOrLayers) {
  const model::Model rows = random_model("4 : dense 3 | relu | dense 2", 1);
  expect_error([&] { first_weights(rows, Shape{4}); }, {"no images"});
  EXPECT_EQ(error_of([&] { first_weights(rows, Shape{2, 2, 1}); }), "") << "a row of pixels";
  expect_error(
      [&] {
        first_weights(model::Model("2x2x1 : relu | flatten | dense 2"), Shape{2, 2, 1});
      },
      {"no dense or conv"});
}

}  // namespace
}  // namespace rectify::diagnose
