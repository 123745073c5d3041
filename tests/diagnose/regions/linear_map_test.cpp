#include "rectify/diagnose/regions/linear_map.h"

#include "rectify/model/predictor.h"
#include "tests/diagnose/regions/networks.h"

namespace rectify::diagnose {
namespace {

TEST(LinearMap, OfAHandMadeNetworkIsWhatItsUnitsSay) {
  // relu(x + y) is on at (2, 1), relu(y - x) is off.
  model::Model model("2 : dense 2 | relu | dense 1");
  set_parameter(model, "dense1.weight", {1, -1, 1, 1});
  set_parameter(model, "dense1.bias", {3, 0});
  set_parameter(model, "dense2.weight", {2, 7});
  set_parameter(model, "dense2.bias", {5});
  ThreadPool threads(1);
  const LinearMap map = linear_map_at(AffineNetwork(model), std::vector<float>{2, 1}, threads);
  EXPECT_EQ(map.matrix, (std::vector<double>{2, 2}));
  EXPECT_EQ(map.offset, (std::vector<double>{11}));
  EXPECT_EQ(map.value, (std::vector<double>{17}));
}

TEST(LinearMap, GivesTheNetworksAnswersNearby) {
  ThreadPool threads(2);
  for (const char* text :
       {"70 : dense 20 | relu | dense 20 | relu | dense 3",  // more inputs than go at once
        "8x8x2 : conv 4 3x3 | batch_norm | relu | max_pool 2 | flatten | dense 3"}) {
    model::Model model = random_model(text, 3);
    const AffineNetwork network(model);
    const std::size_t n = network.inputs();
    std::vector<float> x = random_input(n, 4);
    const LinearMap map = linear_map_at(network, x, threads);
    const model::Predictor predictor(random_model(text, 3));
    std::vector<float> answer(3), nearby(3);
    predictor.run(x, answer);
    for (std::size_t i = 0; i < n; ++i) x[i] += 1e-4f * static_cast<float>(i % 7);
    predictor.run(x, nearby);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(map.value[k], answer[k], 1e-5);
      double expected = map.offset[k];
      for (std::size_t i = 0; i < n; ++i) expected += map.gradient(k)[i] * x[i];
      EXPECT_NEAR(expected, nearby[k], 2e-4) << text;
    }
  }
}

TEST(LinearMap, RefusesAnInputOfAnotherSize) {
  const model::Model model = random_model("2 : dense 3 | relu | dense 2", 1);
  ThreadPool threads(1);
  expect_error([&] { linear_map_at(AffineNetwork(model), std::vector<float>{1}, threads); },
               {"1 numbers", "takes 2"});
}

}  // namespace
}  // namespace rectify::diagnose
