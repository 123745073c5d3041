// The ONNX file of a model answers as the model does, however its samples and targets are scaled.

#include <gtest/gtest.h>

#include "rectify/graph/zoo.h"
#include "rectify/model/interchange.h"
#include "rectify/model/predictor.h"
#include "tests/helpers.h"
#include "tests/onnx/networks.h"
#include "tests/onnx/onnxruntime.h"
#include "tests/temporary_folder.h"

namespace rectify::model {
namespace {

/// Scalings that no two features share by accident.
std::vector<data::Scaling> scalings(std::size_t count) {
  std::vector<data::Scaling> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back({3.0f + static_cast<float>(i), 0.25f + 0.125f * static_cast<float>(i % 5)});
  return all;
}

struct Scaled {
  const char* text;
  std::size_t inputs, targets;  ///< how many scalings
};

/// Every way in which a kind of data is scaled (data::normalisation_of).
const Scaled every_way[] = {
    {"6x5x1 : conv 4 3x3 | relu | flatten | dense 3", 1, 0},   // grey images: one channel
    {"6x5x2 : conv 4 3x3 | relu | flatten | dense 3", 2, 0},   // pairs of pictures
    {"6x5x3 : conv 4 3x3 | relu | flatten | dense 3", 3, 0},   // colours
    {"6x5x3 : flatten | dense 3", 3, 0},                       // colours, no convolution
    {"6x5x3 : conv 2 3x3 | relu", 3, 0},                       // an image as answer
    {"6x5x3 : conv 4 3x3 | global_avg_pool | dense 3", 1, 0},  // one scaling for all
    {"6x5x3 : conv 4 3x3 | flatten | dense 3", 90, 0},         // one a feature
    {"30 : dense 8 | relu | dense 3", 3, 0},                   // colours as rows of numbers
    {"7 : dense 8 | relu | dense 3", 7, 0},                    // a table
    {"7 : dense 8 | relu | dense 3", 1, 3},                    // ... and its targets
    {"7 : dense 8 | relu | dense 1", 7, 1},
    {"6x4 : dense 8 | relu | flatten | dense 3", 4, 0},  // rows
    {"6x4 : dense 8 | relu | flatten | dense 3", 24, 2 + 1},
};

Model model_of(const Scaled& scaled) {
  onnx::Network network = onnx::network_of(scaled.text);
  network.normalisation = {.inputs = scalings(scaled.inputs), .targets = scalings(scaled.targets)};
  network.metadata["loss"] = "mean_squared_error";
  network.inputs = {onnx::natural_view(network.graph, network.graph.find("input"))};
  network.answer = onnx::natural_view(network.graph, network.graph.result);
  return from_network(std::move(network), "drawn");
}

std::vector<float> answers_of(const Predictor& predictor, const std::vector<float>& samples) {
  std::vector<float> answers(samples.size() / predictor.inputs() * predictor.outputs());
  predictor.run(samples, answers);
  return answers;
}

TEST(SaveOnnx, WritesTheScalingOfEachChannel) {
  Model model("1x2x2 : flatten | dense 1 bias=no");
  const float weights[] = {1, 10, 100, 1000};
  std::ranges::copy(weights, model.parameters.data());
  model.normalisation.inputs = {{.mean = 3, .scale = 2}, {.mean = 5, .scale = 4}};
  model.loss = "mean_squared_error";
  const TemporaryFolder folder;
  save_onnx(folder / "net.onnx", model);
  const Predictor back(from_network(onnx::load(folder / "net.onnx"), "net.onnx"));
  EXPECT_EQ(back.model().normalisation, model.normalisation);
  // (4 - 3) 2 + 10 (7 - 5) 4 + 100 (2 - 3) 2 + 1000 (6 - 5) 4
  EXPECT_EQ(answers_of(back, {4, 7, 2, 6}), std::vector<float>{2 + 80 - 200 + 4000});
}

TEST(SaveOnnx, KeepsWhatIsConstantAtZero) {
  Model model("3 : dense 1 bias=no");
  const float weights[] = {1, 10, 100};
  std::ranges::copy(weights, model.parameters.data());
  model.normalisation.inputs = {{.mean = 3, .scale = 2}, {.mean = 7, .scale = 0}, {5, 4}};
  model.loss = "mean_squared_error";
  const TemporaryFolder folder;
  save_onnx(folder / "net.onnx", model);
  const Predictor back(from_network(onnx::load(folder / "net.onnx"), "net.onnx"));
  // (4 - 3) 2 + 10 * 0 + 100 (6 - 5) 4
  EXPECT_EQ(answers_of(back, {4, 1000, 6}), std::vector<float>{2 + 400});
}

TEST(SaveOnnx, SaysWhatItsOwnAnswerIsForAlone) {
  Model model("3 : dense 4 as hidden | relu | dense 2");
  model.loss = "hinge";
  model.class_names = {"a", "b"};
  model.columns = {"x", "y", "z"};
  model.normalisation.inputs = scalings(3);
  const TemporaryFolder folder;
  save_onnx(folder / "net.onnx", model);
  const Model own = from_network(onnx::load(folder / "net.onnx"), "net.onnx");
  EXPECT_EQ(own.class_names, model.class_names);
  EXPECT_EQ(own.loss, "hinge");
  const Model inner =
      from_network(onnx::load(folder / "net.onnx", {.output = "hidden"}), "net.onnx");
  EXPECT_EQ(inner.class_names, (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(inner.loss, "softmax_cross_entropy");
  EXPECT_TRUE(inner.guessed);
  EXPECT_EQ(inner.columns, model.columns);
}

TEST(SaveOnnx, IsRefusedWithOtherClassesThanOutputs) {
  onnx::Network network = onnx::network_of("3 : dense 6");
  network.metadata["loss"] = "softmax_cross_entropy";
  network.metadata["classes"] = "[\"a\"]";
  const std::string bytes = onnx::encode(network);
  const std::string what =
      error_of([&] { from_network(onnx::decode(bytes, "few.onnx"), "few.onnx"); });
  EXPECT_TRUE(contains(what, "'few.onnx' has 6 outputs but its metadata 'classes' names 1"))
      << what;
}

TEST(SaveOnnx, KeepsTheAnswersForEveryWayToScale) {
  const TemporaryFolder folder;
  for (const Scaled& scaled : every_way) {
    save_onnx(folder / "net.onnx", model_of(scaled));
    const Predictor ours(model_of(scaled));
    const Predictor back(from_network(onnx::load(folder / "net.onnx"), "net.onnx"));
    const std::vector<float> samples = onnx::drawn(4 * ours.inputs());
    EXPECT_LT(onnx::difference(answers_of(ours, samples), answers_of(back, samples)), 1e-5)
        << scaled.text << ", " << scaled.inputs << " scalings";
  }
}

TEST(SaveOnnx, KeepsTheAnswersInOnnxRuntime) {
  if (!onnx::OnnxRuntimePeer::found()) GTEST_SKIP() << onnx::OnnxRuntimePeer::missing;
  const TemporaryFolder folder;
  const onnx::OnnxRuntimePeer peer(folder.path());
  for (const Scaled& scaled : every_way) {
    const Model model = model_of(scaled);
    save_onnx(folder / "net.onnx", model);
    const Predictor ours(model_of(scaled));
    const std::vector<float> samples = onnx::drawn(2 * ours.inputs());
    const graph::Graph& graph = model.graph;
    const std::vector<float> theirs =
        peer.answers(samples, onnx::written_view(graph, graph.find("input")),
                     onnx::written_view(graph, graph.result));
    EXPECT_LT(onnx::difference(answers_of(ours, samples), theirs), 1e-5)
        << scaled.text << ", " << scaled.inputs << " scalings";
  }
}

TEST(SaveOnnx, WritesTheNetworksThatComeWithRectify) {
  const TemporaryFolder folder;
  for (const graph::ZooModel& zoo : graph::zoo()) {
    const graph::Graph graph = graph::parse_model(zoo.text);
    if (graph::total_cost(graph).parameters > 70'000'000) continue;
    const Shape& sample = graph.node(graph.find("input")).type.shape;
    const bool ids = graph::ids_of(graph) > 0;
    const std::size_t count = ids ? 1 : static_cast<std::size_t>(sample.back());
    Model model(zoo.text);  // of zeros: what is written is not looked at
    model.loss = "mean_squared_error";
    model.normalisation.inputs = ids ? std::vector<data::Scaling>(1) : scalings(count);
    EXPECT_NO_THROW(save_onnx(folder / "net.onnx", model)) << zoo.name;
  }
}

}  // namespace
}  // namespace rectify::model
