#include "rectify/model/model.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/model/errors.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"
#include "rectify/model/loss.h"
#include "rectify/model/predictor.h"
#include "tests/helpers.h"
#include "tests/toy_data.h"

namespace rectify::model {
namespace {

Model sample() {
  Model model("2 : dense 3 bias=no as first | leaky_relu a=0.1 | dropout 0.2 | dense 2");
  const Random random(3);
  for (std::size_t i = 0; i < model.parameters.size(); ++i)
    model.parameters.data()[i] = static_cast<float>(random.normal(i));
  model.normalisation.inputs = {{0.1f, 3.0000002f}};
  model.class_names = {"a", "b \"quoted\""};
  model.loss = "hinge";
  return model;
}

TEST(Model, ReadsBackFromItsFile) {
  const Model model = sample();
  const Model back = from_file(decode(encode(to_file(model)), "file"), "file");
  EXPECT_EQ(graph::model_text(back.graph), graph::model_text(model.graph));
  EXPECT_EQ(back.class_names, model.class_names);
  EXPECT_EQ(back.loss, model.loss);
  EXPECT_EQ(back.normalisation, model.normalisation);
  EXPECT_EQ(encode(to_file(back)), encode(to_file(model)));
}

TEST(Model, OfImagesKeepsTheScalingOfEachChannelAlsoWhereItTakesThemAsOneRow) {
  for (const char* text : {"2x2x3 : flatten | dense 2", "12 : dense 2"}) {
    Model model{std::string(text)};
    model.loss = "softmax_cross_entropy";
    model.class_names = {"a", "b"};
    model.normalisation.inputs = {{1, 2}, {3, 4}, {5, 6}};
    const TensorFile file = to_file(model);
    EXPECT_EQ(file.metadata.at("mean"), "[1.0,3.0,5.0]");
    EXPECT_EQ(from_file(file, "file").normalisation, model.normalisation);
  }
}

TEST(Model, OfATableKeepsTheScalingOfEachColumnAndOfTheTarget) {
  Model model("2 : dense 3 | relu | dense 1");
  model.loss = "mean_squared_error";
  model.columns = {"age, in years", "\xFC"};  // the second is no UTF-8
  model.normalisation = {{{0.1f, 3.0000002f}, {-1e-30f, 0}}, {{12.5f, 0.3f}}};
  TensorFile file = to_file(model);
  const Model back = from_file(decode(encode(file), "file"), "file");
  EXPECT_EQ(back.normalisation, model.normalisation);
  EXPECT_EQ(back.columns[0], model.columns[0]);
  EXPECT_EQ(back.columns.size(), 2u);
  for (const auto& [key, wrong] : std::map<std::string, std::string>{{"mean", "[1,2,3]"},
                                                                     {"scale", "[1,null]"},
                                                                     {"mean", "[1e300,1]"},
                                                                     {"target_scale", "0"},
                                                                     {"columns", "[\"age\"]"}}) {
    TensorFile damaged = file;
    damaged.metadata[key] = wrong;
    EXPECT_THROW(from_file(damaged, "file"), Error) << key;
  }
}

struct Damage {
  const char* what;
  std::string part;  ///< of the error
  std::function<void(TensorFile&)> act;
};

TEST(Model, RefusesFilesThatDoNotFit) {
  const std::vector<Damage> damages = {
      {"a tensor missing", "lacks the tensor 'first.weight'",
       [](TensorFile& f) { f.tensors.erase("first.weight"); }},
      {"a tensor left over", "4 tensors",
       [](TensorFile& f) {
         f.tensors["extra"] = {Shape{1}, {1}};
       }},
      {"a shape turned round", "3x2",
       [](TensorFile& f) {
         f.tensors["first.weight"].shape = Shape{3, 2};
       }},
      {"no model", "'model'", [](TensorFile& f) { f.metadata.erase("model"); }},
      {"no metadata", "not written by rectify", [](TensorFile& f) { f.metadata.clear(); }},
      {"a model that cannot be read", "did you mean 'relu'",
       [](TensorFile& f) { f.metadata["model"] = "2 : rellu"; }},
      {"a model of 2^35 weights that the file does not hold", "'file'",
       [](TensorFile& f) { f.metadata["model"] = "2048 : dense 16777216 as first | dense 2"; }},
      {"a loss that there is not", "'nonsense'",
       [](TensorFile& f) { f.metadata["loss"] = "nonsense"; }},
      {"a loss that is another operator", "'dense'",
       [](TensorFile& f) { f.metadata["loss"] = "dense"; }},
      {"a mean that is no number", "'mean'", [](TensorFile& f) { f.metadata["mean"] = "nan"; }},
      {"no scale", "'scale'", [](TensorFile& f) { f.metadata.erase("scale"); }},
      {"classes that are no list", "'classes'", [](TensorFile& f) { f.metadata["classes"] = "{"; }},
      {"a class without an output", "has 2 outputs but its metadata 'classes' names 3",
       [](TensorFile& f) { f.metadata["classes"] = "[\"a\",\"b\",\"c\"]"; }},
      {"an output without a class", "has 2 outputs but its metadata 'classes' names 1",
       [](TensorFile& f) { f.metadata["classes"] = "[\"a\"]"; }},
      {"a picture that is no shape",
       "'file': its metadata 'picture': ", [](TensorFile& f) { f.metadata["picture"] = "6xfive"; }},
      {"a picture of other numbers", "'file': its metadata 'picture', 6x5x3, is no picture of ",
       [](TensorFile& f) { f.metadata["picture"] = "6x5x3"; }},
      {"classes that are no names", "'classes'",
       [](TensorFile& f) { f.metadata["classes"] = "[1,2]"; }},
  };
  for (const Damage& damage : damages) {
    TensorFile file = to_file(sample());
    damage.act(file);
    const std::string what = error_of([&] { from_file(file, "file"); });
    EXPECT_TRUE(contains(what, damage.part)) << damage.what << ": '" << what << "'";
  }
}

TEST(Model, HasAClassForEachOutputInARowOrTwoForOne) {
  const auto says = [](const char* text, std::vector<std::string> names) {
    Model model{std::string(text)};
    model.class_names = std::move(names);
    return error_of([&] { check_classes(model, "file"); });
  };
  EXPECT_EQ(says("2 : dense 3", {}), "") << "a regression";
  EXPECT_EQ(says("2 : dense 3", {"a", "b", "c"}), "");
  EXPECT_EQ(says("2 : dense 1", {"a", "b"}), "");
  EXPECT_EQ(says("5x2 : dense 3", {"a", "b", "c"}), "") << "five rows";
  EXPECT_NE(says("2 : dense 1", {"a"}), "");
  EXPECT_NE(says("2 : dense 3", {"a", "b"}), "");
}

std::string resolve(const std::string& model, const data::Dataset& data, const std::string& loss) {
  return resolve_loss(graph::parse_model(model), data, loss);
}

TEST(ResolveLoss, TakesTheUsualOne) {
  EXPECT_EQ(resolve("2 : dense 2", moons(), "auto"), "softmax_cross_entropy");
  EXPECT_EQ(resolve("2 : dense 1", moons(), "auto"), "sigmoid_cross_entropy");
  EXPECT_EQ(resolve("2 : dense 2", sums(), "auto"), "mean_squared_error");
  EXPECT_EQ(resolve("2 : dense 1", moons(), "hinge"), "hinge");
}

TEST(ResolveLoss, NamesBothNumbersOfWhatDoesNotFit) {
  const auto says = [](const std::string& what, const std::vector<std::string>& parts) {
    for (const std::string& part : parts) EXPECT_TRUE(contains(what, part)) << part << ": " << what;
    EXPECT_FALSE(what.empty());
  };
  says(error_of([] { resolve("7 : dense 2", moons(), "auto"); }), {"7 inputs", "has 2"});
  says(error_of([] { resolve("2 : dense 5", moons(), "auto"); }),
       {"5 outputs", "2 classes", "dense 2"});
  says(error_of([] { resolve("2 : dense 1", moons(), "softmax_cross_entropy"); }),
       {"1 outputs", "2 classes"});
  says(error_of([] { resolve("2 : dense 3", sums(), "auto"); }),
       {"3 outputs", "2 numbers", "dense 2"});
}

TEST(Warnings, TellOfARectifierAtAClassifiersOutput) {
  const auto of = [](const std::string& text, const std::string& loss) {
    return warnings(graph::parse_model(text), loss);
  };
  EXPECT_TRUE(of("2 : dense 2", "softmax_cross_entropy").empty());
  EXPECT_TRUE(of("2 : dense 2 | relu | dense 2", "softmax_cross_entropy").empty());
  EXPECT_TRUE(of("2 : dense 2 | relu", "mean_squared_error").empty());
  const std::vector<std::string> relu = of("2 : dense 2 | relu", "softmax_cross_entropy");
  ASSERT_EQ(relu.size(), 1u);
  EXPECT_TRUE(contains(relu[0], "relu") && contains(relu[0], "softmax_cross_entropy")) << relu[0];
  const std::vector<std::string> sigmoid = of("2 : dense 1 | sigmoid", "sigmoid_cross_entropy");
  ASSERT_EQ(sigmoid.size(), 1u);
  EXPECT_TRUE(contains(sigmoid[0], "sigmoid")) << sigmoid[0];
}

TEST(PredictedClass, IsTheLargestOutputAndNeverNan) {
  const auto of = [](std::vector<float> z, const char* loss = "softmax_cross_entropy") {
    return predicted_class(z, loss);
  };
  const float nan = std::nanf("");
  EXPECT_EQ(of({1, 3, 2}), 1);
  EXPECT_EQ(of({3, 3}), 0);
  EXPECT_EQ(of({nan, -5, -7}), 1);
  EXPECT_EQ(of({nan, nan}), -1);
  EXPECT_EQ(of({nan}), -1);
  EXPECT_EQ(of({0.1f}, "sigmoid_cross_entropy"), 1);
  EXPECT_EQ(of({0.0f}, "sigmoid_cross_entropy"), 0);
  EXPECT_EQ(of({0.4f}, "mean_squared_error"), 0);
  EXPECT_EQ(of({0.6f}, "mean_squared_error"), 1);
}

TEST(Model, WhoseLabelTheLossNeedsIsRefused) {
  for (const char* label : {"input", "target", "loss"}) {
    const std::string what =
        error_of([&] { Model model(concat("2 : dense 4 as ", label, " | relu | dense 2")); });
    EXPECT_TRUE(contains(what, concat("'", label, "'"))) << what;
  }
  graph::Graph graph = graph::parse_model("2 : dense 2");
  add_loss(graph, "softmax_cross_entropy", true);
  EXPECT_EQ(graph.node(graph.find("target")).op->name, "input");
  EXPECT_THROW(add_loss(graph, "hinge", true), Error) << "one target is enough";
}

TEST(Model, NeedsAnInputOfThatNameAndAResult) {
  graph::Graph unfinished;
  const graph::NodeId x = unfinished.add_input({.shape = Shape{4}}, "input");
  EXPECT_TRUE(contains(error_of([&] { Model{unfinished}; }), "no result"));
  unfinished.result = x;
  EXPECT_EQ(error_of([&] { Model{unfinished}; }), "");
  unfinished.result = 7;
  EXPECT_TRUE(contains(error_of([&] { Model{unfinished}; }), "no result"));
  graph::Graph other;
  other.result = other.add_input({.shape = Shape{4}}, "x");
  EXPECT_TRUE(contains(error_of([&] { Model{other}; }), "called 'input'"));
}

TEST(Model, ThatWasMovedFromOrHasNoResultIsNotUsed) {
  const data::Dataset data = moons(20, 10);
  ThreadPool threads(1);
  const auto refusals = [&](Model& model) {
    return std::array{error_of([&] { to_file(model); }), error_of([&] {
                        Evaluator(model.graph, model.layout, model.parameters.data(),
                                  "softmax_cross_entropy", data, threads);
                      }),
                      error_of([&] { Predictor{std::move(model)}; })};
  };
  Model moved("2 : dense 2"), unset("2 : dense 2");
  const Model kept(std::move(moved));
  for (const std::string& what : refusals(moved)) EXPECT_TRUE(contains(what, "moved from")) << what;
  unset.graph.result = -1;
  for (const std::string& what : refusals(unset)) EXPECT_TRUE(contains(what, "no result")) << what;
}

TEST(Model, StartsWithAllParametersZero) {
  const Model model("2 : dense 3 | relu | dense 2");
  for (const float p : model.parameters.span()) EXPECT_EQ(p, 0);
  EXPECT_EQ(model.layout.count(), 2u * 3 + 3 + 3 * 2 + 2);
}

}  // namespace
}  // namespace rectify::model
