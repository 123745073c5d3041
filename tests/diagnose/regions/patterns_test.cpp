#include "rectify/diagnose/regions/patterns.h"

#include "rectify/model/evaluate.h"
#include "tests/diagnose/regions/networks.h"

namespace rectify::diagnose {
namespace {

data::Split split_of_numbers(const std::vector<float>& values) {
  data::Split split;
  split.count = values.size();
  split.values = values;
  return split;
}

TEST(Patterns, AreCountedWithTheirEntropy) {
  // Kinks at 0 and 10 in the first layer; the second is always on.
  model::Model model("1 : dense 2 | relu | dense 1 | relu");
  set_parameter(model, "dense1.weight", {1, 1});
  set_parameter(model, "dense1.bias", {0, -10});
  set_parameter(model, "dense2.weight", {1, 1});
  set_parameter(model, "dense2.bias", {1});
  const data::Split split = split_of_numbers({-2, -1, 1, 2, 3, 4, 11, 12});  // 2, 4 and 2
  ThreadPool threads(1);
  const PatternCounts counts = count_patterns(AffineNetwork(model), split, model::all_samples(8),
                                              data::Normalisation(), threads);
  EXPECT_EQ(counts.samples, 8u);
  EXPECT_EQ(counts.whole.distinct, 3u);
  EXPECT_DOUBLE_EQ(counts.whole.entropy, 1.5);
  ASSERT_EQ(counts.layers.size(), 2u);
  EXPECT_EQ(counts.layers[0].label, "relu1");
  EXPECT_EQ(counts.layers[0].distinct, 3u);
  EXPECT_DOUBLE_EQ(counts.layers[0].entropy, 1.5);
  EXPECT_EQ(counts.layers[1].distinct, 1u);
  EXPECT_DOUBLE_EQ(counts.layers[1].entropy, 0);
}

TEST(Patterns, AreThoseOfScaledSamples) {
  model::Model model("1 : dense 1 | relu | dense 1");
  set_parameter(model, "dense1.weight", {1});
  const data::Split split = split_of_numbers({4, 6});
  data::Normalisation centred;
  centred.inputs = {{5, 1}};
  ThreadPool threads(1);
  const AffineNetwork network(model);
  const auto all = model::all_samples(2);
  EXPECT_EQ(count_patterns(network, split, all, centred, threads).whole.distinct, 2u);
  EXPECT_EQ(count_patterns(network, split, all, {}, threads).whole.distinct, 1u);
  expect_error([&] { count_patterns(network, split, {}, {}, threads); }, {"no samples"});
}

}  // namespace
}  // namespace rectify::diagnose
