// The records of an epoch: every norm is of the weight that its label says, and what older programs
// wrote without labels gets them.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/graph/text.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

/// One step over all samples, which are those that are evaluated too, in a network that stays.
Options one_step(const std::string& model) {
  Options o = toy_options();
  o.model = model;
  o.epochs = 1;
  o.batch = 1000;
  o.validation = 0;
  o.lr = 1e-30;
  o.weight_decay = 0;
  return o;
}

/// The norm of the loss' gradient in a weight, by differences of the loss.
double norm_by_differences(const Options& options, const data::Dataset& data,
                           const std::string& weight) {
  ThreadPool threads(1);
  Trainer trainer(options, data, threads);
  model::TensorFile state = trainer.state();
  double squares = 0;
  for (float& w : state.tensors.at("parameter/" + weight).values) {
    const float at = w;
    const auto loss = [&](float to) {
      w = to;
      trainer.restore(state, {});
      return trainer.evaluate_validation(false).loss;
    };
    squares += std::pow((loss(at + 0.005f) - loss(at - 0.005f)) / 0.01, 2);
    w = at;
  }
  return std::sqrt(squares);
}

TEST(EpochRecord, HasTheNormOfEachWeightUnderItsLabel) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  for (const std::string text : {"2 : relu | relu | relu | relu | dense 2",
                                 "2 : dense 3 | relu | dense 3 | dense 4 | relu | dense 2",
                                 "2 : dense 4 | tanh | residual(dense 4 | tanh | dense 4) | tanh | "
                                 "residual(dense 4 ; dense 4) | tanh | dense 2"}) {
    SCOPED_TRACE(text);
    const Options options = one_step(text);
    Trainer trainer(options, data, threads);
    trainer.train_epoch();
    const std::vector<GradientRecord>& gradients = trainer.history()[0].gradients;
    std::size_t weights = 0;
    for (const run::ParameterSlot& slot : trainer.model().layout.slots())
      weights += slot.shape.rank() == 2;
    EXPECT_EQ(gradients.size(), weights);
    for (const GradientRecord& gradient : gradients)
      EXPECT_NEAR(gradient.norm, norm_by_differences(options, data, gradient.weight),
                  0.02 * gradient.norm + 1e-4)
          << gradient.weight;
  }
}

TEST(EpochRecord, NamesTheWeightThatFeedsEachLayer) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  const auto weights_of = [&](const std::string& text) {
    Trainer trainer(one_step(text), data, threads);
    trainer.train_epoch();
    std::string all;
    for (const LayerRecord& layer : trainer.history()[0].layers)
      all += layer.label + "<" + layer.weight + " ";
    return all;
  };
  EXPECT_EQ(weights_of("2 : relu | relu | relu | relu | dense 2"), "relu1< relu2< relu3< relu4< ");
  EXPECT_EQ(weights_of("2 : dense 3 | relu | dense 3 | dense 4 | relu | dense 2"),
            "relu1<dense1.weight relu2<dense3.weight ");
}

const EpochRecord record{.epoch = 3,
                         .lr = 0.1,
                         .train_loss = 1.0 / 3,
                         .validation_loss = std::nan(""),
                         .seconds = 2,
                         .gradients = {{"dense1.weight", 1e-30}, {"dense2.weight", 2}},
                         .layers = {{"tanh1", "", 0, 1}, {"relu1", "dense1.weight", 0.25, 0.5}}};

TEST(EpochRecord, ReadsBackFromItsLine) {
  const EpochRecord back = epoch_from_json(to_json(record));
  EXPECT_EQ(back.train_loss, record.train_loss);
  EXPECT_TRUE(std::isnan(back.validation_loss));
  EXPECT_EQ(back.gradients, record.gradients);
  EXPECT_EQ(back.layers[0].weight, "");
  EXPECT_EQ(back.layers[1].label, "relu1");
  EXPECT_EQ(back.layers[1].weight, "dense1.weight");
  EXPECT_EQ(to_json(back), to_json(record));
  for (const char* wrong : {"", "{}", "[1]", "{\"epoch\":\"x\"}", "{\"epoch\":1"})
    EXPECT_THROW(epoch_from_json(wrong), Error) << wrong;
}

TEST(EpochRecord, OfAnOlderProgramGetsItsLabels) {
  // As written before norms had labels.
  const std::string line =
      R"({"epoch":1,"lr":0.1,"train_loss":0.5,"train_error":0.25,"validation_loss":0.5,)"
      R"("validation_error":0.25,"seconds":1,"gradient_ratio":0.5,"gradients":[1.5,3.0,2.0,0.25],)"
      R"("layers":[{"label":"relu1","exact_zeros":0.5,"dead_units":0.0},)"
      R"({"label":"relu2","exact_zeros":0.25,"dead_units":0.125}]})";
  const graph::Graph network =
      graph::parse_model("2 : dense 3 | relu | dense 3 | dense 4 | relu | dense 2");
  std::vector<EpochRecord> records = {epoch_from_json(line), record};
  EXPECT_EQ(records[0].gradients[0].weight, "");
  label_records(records, network);
  EXPECT_EQ(records[0].gradients, (std::vector<GradientRecord>{{"dense1.weight", 1.5},
                                                               {"dense2.weight", 3},
                                                               {"dense3.weight", 2},
                                                               {"dense4.weight", 0.25}}));
  EXPECT_EQ(records[0].layers[0].weight, "dense1.weight");
  EXPECT_EQ(records[0].layers[1].weight, "dense3.weight");
  EXPECT_EQ(records[0].layers[1].dead_units, 0.125);
  EXPECT_EQ(records[0].layers[1].dead_channels, 0.125) << "each unit is a channel";
  EXPECT_EQ(to_json(records[1]), to_json(record)) << "what has labels keeps them";

  for (const char* other :
       {"2 : dense 3 | relu | dense 2", "2 : dense 3 | dense 3 | dense 4 | relu | dense 2"}) {
    std::vector<EpochRecord> foreign = {epoch_from_json(line)};
    EXPECT_TRUE(contains(error_of([&] { label_records(foreign, graph::parse_model(other)); }),
                         "belongs to another network"))
        << other;
  }
}

TEST(EpochRecord, IsJudgedAsClassesWeigh) {
  EpochRecord record{.validation_loss = 0.5, .validation_error = 0.1};
  EXPECT_EQ(record.judged_error(), 0.1);
  EXPECT_EQ(record.judged_loss(), 0.5);
  record.weighted_error = 0.25;
  record.weighted_loss = 0.75;
  const EpochRecord read = epoch_from_json(to_json(record));
  EXPECT_EQ(read.judged_error(), 0.25);
  EXPECT_EQ(read.judged_loss(), 0.75);
  record.certified_error = 0.5;
  EXPECT_EQ(record.judged_error(), 0.5) << "what bounds prove comes first";
}

}  // namespace
}  // namespace rectify::train
