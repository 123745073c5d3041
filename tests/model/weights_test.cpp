// Training may start from tensors by their names, wherever they come from.

#include "rectify/model/weights.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/model/file.h"
#include "rectify/model/interchange.h"
#include "rectify/onnx/onnx.h"
#include "tests/temporary_folder.h"

namespace rectify::model {
namespace {

namespace fs = std::filesystem;

class Weights : public testing::Test {
 protected:
  Weights() {
    for (std::size_t i = 0; i < model_.parameters.size(); ++i)
      model_.parameters.data()[i] = static_cast<float>(i + 1);
    model_.loss = "softmax_cross_entropy";
  }

  Model model_{"3 : dense 2 | relu | dense 2"};
  const TemporaryFolder folder_;
};

std::vector<float> numbers_of(const Model& model, const std::string& label) {
  const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
  return {model.parameters.data() + slot.offset, model.parameters.data() + slot.offset + slot.size};
}

TEST_F(Weights, AreTakenByNameFromSafetensorsAndOnnx) {
  save(folder_ / "m.safetensors", to_file(model_));
  onnx::save(folder_ / "m.onnx", to_network(model_));
  for (const char* file : {"m.safetensors", "m.onnx"}) {
    Model other("3 : dense 2 | relu | dense 2");
    EXPECT_TRUE(take_weights(folder_ / file, other.layout, other.parameters.data()).empty());
    for (const char* label : {"dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"})
      EXPECT_EQ(numbers_of(other, label), numbers_of(model_, label)) << file;
  }
}

TEST_F(Weights, AreTheArraysOfAnNpzFile) {
  const auto tensors =
      named_tensors(fs::path(RECTIFY_SOURCE_DIR) / "tests/fuzz/corpus/npy/stored.npz");
  ASSERT_TRUE(tensors.contains("x_train"));
  EXPECT_EQ(tensors.at("x_train").shape, (Shape{2, 3}));
  EXPECT_EQ(tensors.at("x_train").values.size(), 6u);
}

TEST_F(Weights, MayBeOfAPartOfTheNetwork) {
  save(folder_ / "m.safetensors", to_file(model_));
  Model other("3 : dense 2 | relu | dense 5 as head");
  const std::vector<std::string> missing =
      take_weights(folder_ / "m.safetensors", other.layout, other.parameters.data());
  EXPECT_EQ(missing, (std::vector<std::string>{"head.weight", "head.bias"}));
  EXPECT_EQ(numbers_of(other, "dense1.weight"), numbers_of(model_, "dense1.weight"));
  EXPECT_EQ(numbers_of(other, "head.bias"), std::vector<float>(5, 0.0f));
}

TEST_F(Weights, OfAnotherShapeOrOfNoNameAreRefused) {
  save(folder_ / "m.safetensors", to_file(model_));
  Model wide("3 : dense 7 | relu | dense 2"), named("3 : dense 2 as a");
  EXPECT_THROW(take_weights(folder_ / "m.safetensors", wide.layout, wide.parameters.data()), Error);
  EXPECT_THROW(take_weights(folder_ / "m.safetensors", named.layout, named.parameters.data()),
               Error);
}

}  // namespace
}  // namespace rectify::model
