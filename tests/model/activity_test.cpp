// What an evaluation counts in each layer, on weights made by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "rectify/model/evaluate.h"
#include "rectify/model/model.h"
#include "rectify/model/remarks.h"

namespace rectify::model {
namespace {

/// Six images of 3x3 pixels. Pixel p of image i is p - i; of images with a `dark` column, the right
/// one is 0.
data::Dataset ramps(bool dark) {
  data::Dataset d;
  d.spec = "ramps";
  d.sample_shape = Shape{3, 3, 1};
  d.class_names = {"a", "b"};
  d.test.count = 6;
  for (int i = 0; i < 6; ++i) {
    for (int p = 0; p < 9; ++p)
      d.test.values.push_back(dark && p % 3 == 2 ? 0 : static_cast<float>(p - i));
    d.test.labels.push_back(i % 2);
  }
  return d;
}

/// Sets a parameter, whose elements are all `rest` after those that are given.
void set_parameter(Model& model, const std::string& label, std::vector<float> values, float rest) {
  for (const run::ParameterSlot& slot : model.layout.slots()) {
    if (slot.label != label) continue;
    values.resize(static_cast<std::size_t>(slot.shape.size()), rest);
    std::ranges::copy(values, model.parameters.data() + slot.offset);
    return;
  }
  FAIL() << label;
}

std::vector<LayerActivity> layers_of(Model& model, const data::Dataset& data) {
  ThreadPool threads(2);
  Evaluator evaluator(model.graph, model.layout, model.parameters.data(), "softmax_cross_entropy",
                      data, threads);
  return evaluator.evaluate(data.test, all_samples(data.test.count), {}, true).layers;
}

TEST(LayerActivity, OfAConvolutionCountsTheChannelsThatABiasKills) {
  Model model("3x3x1 : conv 5 1x1 | relu | flatten | dense 2");
  const data::Dataset data = ramps(false);
  for (int killed = 0; killed <= 5; ++killed) {
    set_parameter(model, "conv1.weight", {}, 1);
    set_parameter(model, "conv1.bias", std::vector<float>(static_cast<std::size_t>(killed), -1000),
                  10);
    const LayerActivity layer = layers_of(model, data).at(0);
    EXPECT_EQ(layer.units, 45);
    EXPECT_EQ(layer.channels, 5);
    EXPECT_EQ(layer.dead_channels(), killed);
    EXPECT_DOUBLE_EQ(layer.dead_channel_share(), killed / 5.0);
    EXPECT_DOUBLE_EQ(layer.dead_share(), killed / 5.0) << "each at all positions";
    EXPECT_DOUBLE_EQ(layer.zero_share(6), killed / 5.0);
  }
}

// The pixels of the right column are 0 in all images, and so is the slope of relu there.
TEST(LayerActivity, OfAConvolutionKeepsAChannelAliveThatNeverFiresAtSomePositions) {
  Model model("3x3x1 : conv 4 1x1 | relu | flatten | dense 2");
  set_parameter(model, "conv1.weight", {1, -1, 1}, 1);
  set_parameter(model, "conv1.bias", {0, 0, -1000}, 10);
  const LayerActivity layer = layers_of(model, ramps(true)).at(0);
  EXPECT_EQ(layer.units, 36);
  EXPECT_EQ(layer.dead_channels(), 1) << "the third";
  // Channel 0 fires for pixels above 0: at p = 0 none is. Channel 1 fires for pixels below 0: at p
  // = 6 and 7 none is, for i is at most 5. Both are dark in the column of 2, 5 and 8.
  EXPECT_DOUBLE_EQ(layer.dead_share(), (4 + 5 + 9 + 0) / 36.0);
}

TEST(LayerActivity, OfADenseLayerHasAChannelForEachUnit) {
  Model model("3x3x1 : flatten | dense 8 | relu | dense 2");
  set_parameter(model, "dense1.weight", {}, 0);
  set_parameter(model, "dense1.bias", {-1, -1, 0}, 1);
  const LayerActivity layer = layers_of(model, ramps(false)).at(0);
  EXPECT_EQ(layer.units, 8);
  EXPECT_EQ(layer.channels, 8);
  EXPECT_EQ(layer.dead_channels(), 3);
  EXPECT_DOUBLE_EQ(layer.dead_share(), 3 / 8.0);
}

TEST(LayerActivity, OfASelectionCountsTheUnitsThatLose) {
  Model model("3x3x1 : flatten | dense 8 | top_k 2 | dense 2");
  set_parameter(model, "dense1.weight", {}, 0);
  set_parameter(model, "dense1.bias", {1, 4, -1, 3, 2}, -5);
  const data::Dataset data = ramps(false);
  const LayerActivity layer = layers_of(model, data).at(0);
  EXPECT_EQ(layer.label, "top_k1");
  EXPECT_EQ(layer.units, 8);
  EXPECT_DOUBLE_EQ(layer.zero_share(data.test.count), 6 / 8.0) << "units 1 and 3 win";
  EXPECT_EQ(layer.alive, (std::vector<bool>{false, true, false, true, false, false, false, false}));
}

TEST(LayerActivity, OfASequenceHasTheUnitsOfAPlaceAsChannels) {
  Model model("3x3 : dense 4 | relu | flatten | dense 2");
  set_parameter(model, "dense1.weight", {}, 0);
  set_parameter(model, "dense1.bias", {-1}, 1);
  data::Dataset data = ramps(false);
  data.sample_shape = Shape{3, 3};
  const LayerActivity layer = layers_of(model, data).at(0);
  EXPECT_EQ(layer.units, 12);
  EXPECT_EQ(layer.channels, 4);
  EXPECT_EQ(layer.dead_channels(), 1);
}

// Of four channels with 36 units, 18 units are dead, but one channel.
TEST(LayerActivity, IsRemarkedOnForItsChannelsNotForItsUnits) {
  Model model("3x3x1 : conv 4 1x1 | relu | flatten | dense 2");
  set_parameter(model, "conv1.weight", {1, -1, 1}, 1);
  set_parameter(model, "conv1.bias", {0, 0, -1000}, 10);
  Evaluation living{.samples = 6, .layers = layers_of(model, ramps(true))};
  EXPECT_EQ(living.layers[0].dead_share(), 0.5);
  EXPECT_TRUE(remarks(living, {"a", "b"}).empty());
  set_parameter(model, "conv1.bias", {-1000, 0, -1000}, 10);
  Evaluation dead{.samples = 6, .layers = layers_of(model, ramps(true))};
  ASSERT_EQ(remarks(dead, {"a", "b"}).size(), 1u);
  EXPECT_TRUE(remarks(dead, {"a", "b"})[0].starts_with("relu1: 50 % of 4 channels are dead"));
}

}  // namespace
}  // namespace rectify::model
