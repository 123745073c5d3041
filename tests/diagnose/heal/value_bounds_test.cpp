// Bounds of values, against numbers worked out by hand and against what the kernels compute.

#include "rectify/diagnose/heal/value_bounds.h"

#include <cmath>

#include "rectify/run/plan.h"
#include "tests/diagnose/heal/helpers.h"

namespace rectify::diagnose::healing {
namespace {

std::vector<Interval> bounds_of(const model::Model& model, const std::string& label,
                                const std::vector<Interval>& inputs) {
  return value_bounds(model, inputs)[static_cast<std::size_t>(model.graph.find(label))];
}

void expect_near(const Interval& x, double low, double high) {
  EXPECT_LE(x.low, low);
  EXPECT_GE(x.high, high);
  EXPECT_NEAR(x.low, low, 1e-4);
  EXPECT_NEAR(x.high, high, 1e-4);
}

TEST(ValueBounds, OfADenseLayerTakeTheWorstOfEachWeight) {
  model::Model model("2 : dense 2 | relu | dense 1");
  set(model, "dense1.weight", {1, -2, 3, 4});
  set(model, "dense1.bias", {0.5f, -1});
  set(model, "dense2.weight", {1, -1});
  const std::vector<Interval> inputs = {{-1, 2}, {0, 1}};
  const auto z = bounds_of(model, "dense1", inputs);  // x + 3 y + 0.5, -2 x + 4 y - 1
  expect_near(z[0], -0.5, 5.5);
  expect_near(z[1], -5, 5);
  const auto y = bounds_of(model, "relu1", inputs);
  expect_near(y[0], 0, 5.5);
  expect_near(y[1], 0, 5);
  expect_near(bounds_of(model, "dense2", inputs)[0], -5, 5.5);
}

TEST(ValueBounds, OfAConvolutionSeeTheBorder) {
  // Pixels 1x2; 1x3 taps 1, 2, 4: left place 2 a + 4 b, right place a + 2 b.
  model::Model model("1x2x1 : conv 1 1x3 | relu | flatten | dense 1");
  set(model, "conv1.weight", {1, 2, 4});
  const auto z = bounds_of(model, "conv1", {{0, 1}, {-1, 2}});
  expect_near(z[0], -4, 10);
  expect_near(z[1], -2, 5);
}

TEST(ValueBounds, OfPoolsAndNorms) {
  model::Model model("1x2x1 : conv 1 1x1 | batch_norm | avg_pool 1x2 | flatten | dense 1");
  set(model, "conv1.weight", {1});
  set(model, "batch_norm1.mean", {1});
  set(model, "batch_norm1.variance", {4});
  set(model, "batch_norm1.scale", {-6});
  set(model, "batch_norm1.shift", {1});
  const std::vector<Interval> inputs = {{1, 3}, {5, 7}};  // -3 (x - 1) + 1
  const auto z = bounds_of(model, "batch_norm1", inputs);
  expect_near(z[0], -5, 1);
  expect_near(z[1], -17, -11);
  const auto mean = bounds_of(model, "avg_pool1", inputs);
  EXPECT_LE(mean[0].low, -11);
  EXPECT_GE(mean[0].high, -5);
  model::Model largest("1x2x1 : conv 1 1x1 | max_pool 1x2 | flatten | dense 1");
  set(largest, "conv1.weight", {1});
  expect_near(bounds_of(largest, "max_pool1", {{-9, 3}, {1, 2}})[0], 1, 3);
}

TEST(ValueBounds, AreEmptyAfterWhatTheyDoNotKnow) {
  const model::Model model = drawn("4 : dense 4 | layer_norm | relu | dense 2");
  const std::vector<Interval> inputs(4, Interval{-1, 1});
  EXPECT_EQ(bounds_of(model, "dense1", inputs).size(), 4u);
  EXPECT_TRUE(bounds_of(model, "layer_norm1", inputs).empty());
  EXPECT_TRUE(bounds_of(model, "dense2", inputs).empty());
}

TEST(ValueBounds, AreEmptyWhereAWeightIsNotANumber) {
  model::Model model = drawn("2 : dense 2 | relu | dense 2");
  numbers_of(model, model.graph.find("dense1.weight"))[1] = std::nanf("");
  const std::vector<Interval> inputs(2, Interval{-1, 1});
  EXPECT_TRUE(bounds_of(model, "dense1", inputs).empty());
  EXPECT_TRUE(bounds_of(model, "relu1", inputs).empty());
}

/// The input that makes one value as large as its bound says, where a layer reads it directly: each
/// feature at the end that the sign of its weight asks for. The kernels' value must lie below the
/// bound, and close to it.
void expect_reached(std::int64_t inputs) {
  const model::Model model = drawn(concat(inputs, " : dense 3"));
  const auto n = static_cast<std::size_t>(inputs);
  const std::vector<Interval> bounds(n, Interval{-1, 1});
  const auto y = bounds_of(model, "dense1", bounds);
  const std::vector<float> w = get(model, "dense1.weight"), b = get(model, "dense1.bias");
  ThreadPool threads(1);
  model::Model copy = copy_of(model);
  run::Plan plan(copy.graph, copy.layout, copy.parameters.data(), threads,
                 {.batch = 6, .keep = {copy.graph.result}});
  for (std::size_t o = 0; o < 3; ++o)
    for (std::size_t i = 0; i < n; ++i) {
      const float end = w[i * 3 + o] > 0 ? 1.0f : -1.0f;
      plan.input(copy.graph.find("input"))[o * n + i] = end;
      plan.input(copy.graph.find("input"))[(3 + o) * n + i] = -end;
    }
  plan.run({});
  const std::span<const float> answers = plan.value(copy.graph.result);
  for (std::size_t o = 0; o < 3; ++o) {
    double size = std::abs(b[o]);
    for (std::size_t i = 0; i < n; ++i) size += std::abs(w[i * 3 + o]);
    const double slack = 2.5 * static_cast<double>(n + 13) * 0x1p-24 * size;
    EXPECT_LE(answers[o * 3 + o], y[o].high);
    EXPECT_GE(answers[o * 3 + o], y[o].high - slack);
    EXPECT_GE(answers[(3 + o) * 3 + o], y[o].low);
    EXPECT_LE(answers[(3 + o) * 3 + o], y[o].low + slack);
  }
}

TEST(ValueBounds, AreReachedByTheWorstInput) {
  for (const std::int64_t inputs : {1, 7, 100, 3000}) expect_reached(inputs);
}

/// Whether each value that a network computes for drawn inputs, corners among them, lies within.
void expect_within(const model::Model& model) {
  model::Model copy = copy_of(model);
  const graph::NodeId input = copy.graph.find("input");
  const auto features = static_cast<std::size_t>(copy.graph.node(input).type.shape.size());
  const auto bounds = value_bounds(copy, std::vector<Interval>(features, Interval{-2, 2}));
  std::set<graph::NodeId> keep;
  for (graph::NodeId id = 0; id < copy.graph.size(); ++id)
    if (!bounds[static_cast<std::size_t>(id)].empty() && id != input) keep.insert(id);
  ThreadPool threads(1);
  constexpr std::size_t batch = 200;
  run::Plan plan(copy.graph, copy.layout, copy.parameters.data(), threads,
                 {.batch = batch, .keep = keep});
  const Random random(5);
  for (std::size_t i = 0; i < batch * features; ++i) {
    const double at = random.uniform(i);
    plan.input(input)[i] = static_cast<float>(i / features % 2 == 0 ? 4 * at - 2
                                              : at < 0.5            ? -2
                                                                    : 2);
  }
  plan.run({});
  for (const graph::NodeId id : keep) {
    const auto& of_node = bounds[static_cast<std::size_t>(id)];
    const std::span<const float> values = plan.value(id);
    ASSERT_EQ(values.size(), batch * of_node.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Interval& x = of_node[i % of_node.size()];
      ASSERT_TRUE(values[i] >= x.low && values[i] <= x.high)
          << copy.graph.node(id).label << ": " << values[i] << " not in " << x.low << ", "
          << x.high;
    }
  }
  EXPECT_GE(keep.size(), 3u);
}

TEST(ValueBounds, HoldWhatNetworksCompute) {
  for (const char* text :
       {"20 : dense 500 | relu | dense 30 | sigmoid | dense 3",
        "20 : dense 9 | batch_norm | leaky_relu | dense 8 bias=no | batch_norm affine=no | tanh | "
        "dense 3",
        "9x7x3 : conv 8 3x3 stride=2 | relu | avg_pool 2 stride=1 padding=same | conv 4 5x2 "
        "dilation=2 | elu | global_avg_pool | dense 2",
        "8x8x4 : conv 6 3x3 groups=2 | relu | max_pool 3 stride=2 padding=same | flatten | dense 2",
        "4 : dense 4 | residual(dense 4 | relu) | dense 2",
        "16x16x16 : conv 32 3x3 | relu | conv 16 3x3 | gelu | flatten | dense 2"}) {
    SCOPED_TRACE(text);
    const model::Model model = drawn(text);
    expect_within(model);
    if (!model.graph.all("batch_norm").empty()) expect_within(model::folded(copy_of(model)));
  }
}

TEST(ValueBounds, SayWhichActivationsGiveZero) {
  const auto zero = [](const char* item, double low, double high) {
    const model::Model model(concat("1 : ", item));
    return ZeroTest(model.graph.node(model.graph.result))({low, high});
  };
  EXPECT_TRUE(zero("relu", -3, 0));
  EXPECT_TRUE(zero("relu", -3, -1));
  EXPECT_FALSE(zero("relu", -3, 1e-30));
  EXPECT_TRUE(zero("relu6", -3, -1));
  EXPECT_FALSE(zero("relu6", 7, 8));
  EXPECT_FALSE(zero("leaky_relu", -3, -1));
  EXPECT_FALSE(zero("prelu", -3, -1));
  EXPECT_TRUE(zero("hard_swish", -9, -4));
  EXPECT_FALSE(zero("hard_swish", -4, 0)) << "both ends give 0, what is between does not";
  EXPECT_FALSE(zero("sigmoid", -1000, -900));
}

TEST(ValueBounds, OfInputsAreTheRangeOfEachFeature) {
  data::Dataset d{.spec = "two", .sample_shape = Shape{2}, .class_names = {"a", "b"}};
  d.train = {.count = 2, .values = {1, 10, 3, -10}, .labels = {0, 1}};
  d.test = {.count = 1, .values = {5, 0}, .labels = {0}};
  data::Normalisation n;
  n.inputs = {{1, 2}, {0, 0.1f}};
  const auto own = input_bounds(d, n, {});
  EXPECT_EQ(own[0].low, 0);  // (1 - 1) 2
  EXPECT_EQ(own[0].high, 8);
  EXPECT_FLOAT_EQ(static_cast<float>(own[1].low), -1);
  const auto given = input_bounds(d, n, Interval{0, 100});
  EXPECT_EQ(given[0].low, -2);
  EXPECT_EQ(given[0].high, 198);
}

}  // namespace
}  // namespace rectify::diagnose::healing
