// The interface for C, of models in files.

#include "rectify/c/rectify.h"

#include <gtest/gtest.h>

#include <memory>

#include "rectify/model/file.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "tests/temporary_folder.h"

namespace rectify {
namespace {

using Loaded = std::unique_ptr<rectify_model, void (*)(rectify_model*)>;

/// The model as C programs get it: from its file.
Loaded loaded(const model::Model& model) {
  const TemporaryFolder folder;
  const std::string path = (folder / "model.safetensors").string();
  model::save(path, model::to_file(model));
  char error[256];
  rectify_model* read = nullptr;
  EXPECT_EQ(rectify_model_load(path.c_str(), &read, error, sizeof error), RECTIFY_OK) << error;
  return {read, rectify_model_free};
}

TEST(C, AnAnswerHasARowOfClassesForEachPlace) {
  model::Model text("8 : embedding 3 4 | dense 3");
  text.class_names = {"a", "b", "c"};
  text.loss = "softmax_cross_entropy";
  const Loaded model = loaded(text);
  EXPECT_EQ(rectify_model_inputs(model.get()), 8u);
  EXPECT_EQ(rectify_model_outputs(model.get()), 24u);
  EXPECT_EQ(rectify_model_rows(model.get()), 8u);
  EXPECT_EQ(rectify_model_classes(model.get()), 3u);
}

TEST(C, AnAnswerToASampleAsAWholeHasOneRow) {
  model::Model digits("4 : dense 3");
  digits.class_names = {"a", "b", "c"};
  digits.loss = "softmax_cross_entropy";
  EXPECT_EQ(rectify_model_rows(loaded(digits).get()), 1u);
  model::Model numbers("4 : dense 2");
  numbers.loss = "mean_squared_error";
  EXPECT_EQ(rectify_model_rows(loaded(numbers).get()), 1u);
  EXPECT_EQ(rectify_model_rows(nullptr), 0u);
}

}  // namespace
}  // namespace rectify
