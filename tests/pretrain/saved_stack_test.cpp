#include "rectify/pretrain/saved_stack.h"

#include <gtest/gtest.h>

#include "rectify/model/file.h"
#include "rectify/pretrain/pretrainer.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify::pretrain {
namespace {

class SavedStackTest : public testing::Test {
 protected:
  SavedStackTest() : dataset_(data::open("glyphs:train=60,test=10", threads_)) {
    Options options;
    options.stack = "rbm 9 nrelu | rbm 5 stepped copies=3";
    options.train.epochs = 1;
    pretrainer_.emplace(options, dataset_, threads_);
    while (!pretrainer_->finished()) pretrainer_->train_epoch();
    file_ = pretrainer_->stack_file();
  }
  std::filesystem::path path() const { return folder_.path() / "stack.safetensors"; }
  SavedStack read() {
    model::save(path(), file_);
    return load_stack(folder_.path());
  }

  ThreadPool threads_{2};
  data::Dataset dataset_;
  std::optional<Pretrainer> pretrainer_;
  model::TensorFile file_;
  TemporaryFolder folder_;
};

TEST_F(SavedStackTest, HasTheMachinesThatTheLayersAre) {
  const SavedStack stack = read();
  EXPECT_EQ(stack.sample_shape, (Shape{28, 28, 1}));
  ASSERT_EQ(stack.machines.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const Machine want = *pretrainer_->trainer(i).machine();
    const Machine& got = machine_of(stack, i);
    EXPECT_EQ(got.visible, want.visible);
    EXPECT_EQ(got.hidden, want.hidden);
    EXPECT_EQ(got.copies, want.copies);
    EXPECT_EQ(got.weight, want.weight);
    EXPECT_EQ(got.visible_bias, want.visible_bias);
    EXPECT_EQ(got.hidden_bias, want.hidden_bias);
  }
  const model::Model encoder = pretrainer_->encoder();
  EXPECT_TRUE(same_bits(stack.encoder.parameters.span(), encoder.parameters.span()));
  EXPECT_EQ(stack.encoder.normalisation, encoder.normalisation);
}

TEST_F(SavedStackTest, OfAnEarlierVersionHasNoShapeOfSamples) {
  file_.metadata.erase("sample_shape");
  EXPECT_EQ(read().sample_shape, Shape{784});
}

TEST_F(SavedStackTest, SaysWhatIsWrongWithAFile) {
  const auto said = [&](const char* words) {
    const std::string error = error_of([&] { read(); });
    EXPECT_TRUE(contains(error, words)) << error;
  };
  const model::TensorFile good = file_;
  file_.tensors.erase("layer2.weight");
  said("lacks the tensor 'dense2.weight'");
  file_ = good;
  file_.tensors["layer1.visible_bias"] = {Shape{3}, {0, 0, 0}};
  said("layer1.visible_bias");
  file_ = good;
  file_.tensors["weights"] = {Shape{1}, {0}};
  said("belongs to no layer");
  file_ = good;
  file_.metadata["sample_shape"] = "28x28x3";
  said("samples of 28x28x3 are not 784 numbers");
  file_ = good;
  file_.metadata["layer1.inputs_like"] = "sounds";
  said("sounds");
  file_ = good;
  file_.metadata["format"] = "rectify 1";
  said("holds no layers of a pretraining");
  EXPECT_TRUE(contains(error_of([] { load_stack("/nowhere"); }), "/nowhere"));
}

}  // namespace
}  // namespace rectify::pretrain
