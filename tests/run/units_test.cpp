// What Boltzmann machines are made of: sampling, the way back, differences of statistics.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/activation/unit.h"
#include "rectify/run/profile.h"
#include "tests/helpers.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

using graph::Attributes;
using graph::Graph;

Attributes attributes(std::initializer_list<std::pair<const char*, graph::AttributeValue>> given) {
  Attributes all;
  for (const auto& [name, value] : given) all.set(name, value);
  return all;
}

struct Given {
  Graph graph;
  std::map<NodeId, std::vector<double>> numbers = {};

  std::vector<double> drawn(std::size_t n, std::uint64_t seed, double scale) const {
    std::vector<double> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<float>(scale * Random(seed).normal(i));
    return all;
  }
  NodeId input(std::int64_t width, std::int64_t batch, std::uint64_t seed, double scale = 1) {
    const NodeId id = graph.add_input({.shape = Shape{width}}, concat("input", seed));
    numbers[id] = drawn(static_cast<std::size_t>(width * batch), seed, scale);
    return id;
  }
  NodeId parameter(const Shape& shape, std::uint64_t seed) {
    const NodeId id = graph.add_parameter(shape, {}, concat("parameter", seed));
    numbers[id] = drawn(static_cast<std::size_t>(shape.size()), seed, 0.3);
    return id;
  }
  NodeId state(const Shape& shape, std::uint64_t seed) {
    const NodeId id = graph.add_state(shape, 0, concat("state", seed));
    numbers[id] = drawn(static_cast<std::size_t>(shape.size()), seed, 0.3);
    return id;
  }
};

/// The value of `id` on the processor.
std::vector<float> value(const Given& given, NodeId id, std::int64_t batch, int threads = 2,
                         RunState state = {.seed = 7, .step = 3}) {
  ThreadPool pool(threads);
  const ParameterLayout layout(given.graph);
  Buffer parameters(layout.floats());
  for (const ParameterSlot& slot : layout.slots())
    std::ranges::copy(given.numbers.at(slot.node), parameters.data() + slot.offset);
  Plan plan(given.graph, layout, parameters.data(), pool,
            {.batch = batch, .training = true, .keep = {id}});
  for (const NodeId input : given.graph.all("input"))
    std::ranges::copy(given.numbers.at(input), plan.input(input));
  plan.run(state);
  const auto of = plan.value(id);
  return {of.begin(), of.end()};
}

std::vector<double> wanted(const Given& given, NodeId id, std::int64_t batch,
                           RunState state = {.seed = 7, .step = 3}) {
  return reference::evaluate(given.graph, batch, true, state,
                             given.numbers)[static_cast<std::size_t>(id)];
}

void expect_alike(const std::vector<float>& got, const std::vector<double>& want, double within,
                  const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], want[i], within * (1 + std::abs(want[i]))) << what << " at " << i;
}

TEST(DenseTransposed, IsTheReferencesForEveryBatch) {
  for (const std::int64_t batch : {1, 2, 15, 16, 64, 256, 300})
    for (const bool bias : {false, true}) {
      Given given;
      const NodeId x = given.input(37, batch, 1), w = given.parameter(Shape{83, 37}, 2);
      std::vector<NodeId> inputs = {x, w};
      if (bias) inputs.push_back(given.parameter(Shape{83}, 3));
      const NodeId y = given.graph.add("dense_transposed", inputs);
      expect_alike(value(given, y, batch), wanted(given, y, batch), 1e-5, concat("batch ", batch));
    }
}

TEST(DenseTransposed, RefusesAnotherWidth) {
  Given given;
  const NodeId x = given.input(5, 2, 1), w = given.parameter(Shape{8, 6}, 2);
  EXPECT_THROW(given.graph.add("dense_transposed", {x, w}), Error);
}

/// Units of which a sample is a threshold of a float: a number next to it may fall on either side.
double share_that_differs(const std::vector<float>& got, const std::vector<double>& want) {
  std::size_t others = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    others += std::abs(got[i] - want[i]) > 1e-4 * (1 + std::abs(want[i]));
  return static_cast<double>(others) / static_cast<double>(got.size());
}

TEST(UnitSample, IsTheReferences) {
  for (const activation::Unit& unit : activation::units()) {
    Given given;
    const NodeId x = given.input(131, 50, 1, 3);
    const NodeId y = given.graph.add(
        "unit_sample", {x},
        attributes({{"unit", std::string(unit.name)}, {"copies", std::int64_t{4}}}));
    EXPECT_LE(share_that_differs(value(given, y, 50), wanted(given, y, 50)), 2e-4) << unit.name;
  }
}

TEST(UnitSample, HasTheUnitsMeanAndVariance) {
  constexpr std::int64_t batch = 40000;
  for (const activation::Unit& unit : activation::units()) {
    if (!unit.mean) continue;
    Given given;
    const NodeId x = given.input(5, batch, 1);
    const double inputs[] = {-3, -0.5, 0, 1.5, 4};
    for (std::size_t i = 0; i < given.numbers[x].size(); ++i) given.numbers[x][i] = inputs[i % 5];
    const NodeId y = given.graph.add(
        "unit_sample", {x},
        attributes({{"unit", std::string(unit.name)}, {"copies", std::int64_t{3}}}));
    const std::vector<float> drawn = value(given, y, batch);
    for (std::size_t u = 0; u < 5; ++u) {
      double sum = 0, square = 0;
      for (std::size_t i = u; i < drawn.size(); i += 5)
        sum += drawn[i], square += drawn[i] * drawn[i];
      const double mean = sum / batch, variance = square / batch - mean * mean;
      const double want = unit.variance(inputs[u], 3);
      EXPECT_NEAR(mean, unit.mean(inputs[u], 3), 5 * std::sqrt((want + 1e-3) / batch))
          << unit.name << " " << inputs[u];
      EXPECT_NEAR(variance, want, 0.05 * want + 0.004) << unit.name << " " << inputs[u];
    }
  }
}

TEST(UnitSample, OfSoftmaxChoosesInProportion) {
  constexpr std::int64_t batch = 40000;
  Given given;
  const NodeId x = given.input(3, batch, 1);
  const double weight[] = {1, 2, 5};
  for (std::size_t i = 0; i < given.numbers[x].size(); ++i)
    given.numbers[x][i] = std::log(weight[i % 3]);
  const NodeId y =
      given.graph.add("unit_sample", {x}, attributes({{"unit", std::string("softmax")}}));
  double count[3] = {};
  const std::vector<float> drawn = value(given, y, batch);
  for (std::size_t i = 0; i < drawn.size(); i += 3) {
    ASSERT_EQ(drawn[i] + drawn[i + 1] + drawn[i + 2], 1);
    for (std::size_t u = 0; u < 3; ++u) count[u] += drawn[i + u];
  }
  for (std::size_t u = 0; u < 3; ++u) EXPECT_NEAR(count[u] / batch, weight[u] / 8, 0.01);
}

TEST(UnitSample, IsTheSameForAnyNumberOfThreadsAndAnotherInEveryStep) {
  for (const activation::Unit& unit : activation::units()) {
    Given given;
    const NodeId x = given.input(500, 90, 1);
    const NodeId y = given.graph.add(
        "unit_sample", {x},
        attributes({{"unit", std::string(unit.name)}, {"copies", std::int64_t{2}}}));
    const std::vector<float> one = value(given, y, 90, 1);
    EXPECT_EQ(one, value(given, y, 90, 3)) << unit.name;
    EXPECT_NE(one, value(given, y, 90, 1, {.seed = 7, .step = 4})) << unit.name;
  }
}

/// How many runs of a product with `id` left out zeros of its first input.
std::int64_t runs_that_left_out(const Given& given, NodeId id, std::int64_t batch) {
  std::int64_t runs = 0;
  observe_steps([&](const StepProfile& step) {
    if (step.label == given.graph.node(id).label && step.runs > 0) runs = step.zeros.left_out;
  });
  value(given, id, batch);
  observe_steps({});
  return runs;
}

TEST(DenseTransposed, LeavesOutTheZerosOfSampledStates) {
  constexpr std::int64_t batch = 64;
  for (const activation::Unit& unit : activation::units()) {
    Given given;
    const NodeId x = given.input(300, batch, 1);
    for (double& total : given.numbers[x]) total = static_cast<float>(total - 4);
    const NodeId states = given.graph.add(
        "unit_sample", {x},
        attributes({{"unit", std::string(unit.name)}, {"copies", std::int64_t{2}}}));
    const NodeId y =
        given.graph.add("dense_transposed", {states, given.parameter(Shape{280, 300}, 2)});
    EXPECT_EQ(runs_that_left_out(given, y, batch), unit.has_zeros) << unit.name;
    Given down;  // from the states that were drawn
    const NodeId drawn = down.input(300, batch, 1);
    std::ranges::copy(value(given, states, batch), down.numbers[drawn].begin());
    const NodeId want =
        down.graph.add("dense_transposed", {drawn, down.parameter(Shape{280, 300}, 2)});
    // 300 terms of about 1: rounding of their sums
    expect_alike(value(given, y, batch), wanted(down, want, batch), 1e-4, std::string(unit.name));
  }
}

/// Data, machine, offsets and directions of a machine with 21 visible and 13 hidden units.
struct Statistics {
  Given given;
  NodeId v0, h0, v1, h1, m, l;
  explicit Statistics(std::int64_t batch) {
    v0 = given.input(21, batch, 1), h0 = given.input(13, batch, 2);
    v1 = given.input(21, batch, 3), h1 = given.input(13, batch, 4);
    m = given.state(Shape{21}, 5), l = given.state(Shape{13}, 6);
  }
};

TEST(Contrast, OfWeightsAndBiasesIsTheReferences) {
  for (const std::int64_t batch : {1, 7, 128})
    for (const bool centred : {false, true}) {
      Statistics s(batch);
      Graph& graph = s.given.graph;
      std::vector<NodeId> all = {s.v0, s.h0, s.v1, s.h1}, visible = {s.v0, s.v1},
                          hidden = {s.h0, s.h1};
      if (centred) all.insert(all.end(), {s.m, s.l});
      const NodeId weights = graph.add("contrast_weights", all);
      if (centred) {
        visible.insert(visible.end(), {weights, s.l});
        hidden.insert(hidden.end(), {weights, s.m});
      }
      const NodeId of_visible =
          graph.add("contrast_biases", visible, attributes({{"side", std::string("visible")}}));
      const NodeId of_hidden = graph.add("contrast_biases", hidden);
      for (const NodeId id : {weights, of_visible, of_hidden})
        expect_alike(value(s.given, id, batch), wanted(s.given, id, batch), 2e-5,
                     graph::where(graph.node(id)));
    }
}

// The directions in weights and biases of centred units are those of plain ones, seen from another
// parametrisation: with W' = W, b' = b + W l and c' = c + W^T m the energy is the same.
TEST(Contrast, OfWeightsIsWorkedOutByHand) {
  Given given;
  const NodeId v0 = given.input(2, 2, 1), h0 = given.input(1, 2, 2);
  const NodeId v1 = given.input(2, 2, 3), h1 = given.input(1, 2, 4);
  given.numbers[v0] = {1, 0, 1, 1}, given.numbers[h0] = {0.5, 1};
  given.numbers[v1] = {0, 1, 1, 0}, given.numbers[h1] = {0.25, 0.75};
  const NodeId w = given.graph.add("contrast_weights", {v0, h0, v1, h1});
  // Unit 0: (0.75 - (0.5 + 1)) / 2; unit 1: (0.25 - 1) / 2.
  expect_alike(value(given, w, 2), {-0.375, -0.375}, 1e-6, "weights");
}

TEST(Contrast, LeavesOutZerosOfTheDataOrOfAllRows) {
  constexpr std::int64_t batch = 128;
  struct Shares {
    double data, model;  // of numbers that are not zero
    bool left_out;
  };
  for (const auto& [data, model, left_out] :
       {Shares{1, 1, false}, {0.1, 1, true}, {0.1, 0.1, true}, {1, 0.6, false}}) {
    Given given;
    const NodeId v0 = given.input(200, batch, 1), h0 = given.input(150, batch, 2);
    const NodeId v1 = given.input(200, batch, 3), h1 = given.input(150, batch, 4);
    const auto thin_out = [&](NodeId id, double share) {
      std::vector<double>& numbers = given.numbers[id];
      for (std::size_t i = 0; i < numbers.size(); ++i)
        if (Random(9).uniform(i) > share) numbers[i] = 0;
    };
    thin_out(v0, data), thin_out(v1, model);
    const NodeId w = given.graph.add("contrast_weights", {v0, h0, v1, h1});
    EXPECT_EQ(runs_that_left_out(given, w, batch), left_out) << data << ", " << model;
    const std::vector<float> got = value(given, w, batch);
    expect_alike(got, wanted(given, w, batch), 2e-5, concat(data, ", ", model));
    EXPECT_TRUE(same_bits(got, value(given, w, batch, 5)));
    given.numbers[h0][7] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::ranges::any_of(value(given, w, batch), [](float x) { return std::isnan(x); }));
  }
}

TEST(Contrast, FollowsAMeanAndPullsTowardsATarget) {
  Statistics s(9);
  Graph& graph = s.given.graph;
  const NodeId next = graph.add("moving_mean", {s.h0, s.l}, attributes({{"rate", 0.3}}));
  const NodeId pulled =
      graph.add("sparsity_pull", {s.h0, s.l}, attributes({{"target", 0.2}, {"cost", 0.7}}));
  for (const NodeId id : {next, pulled})
    expect_alike(value(s.given, id, 9), wanted(s.given, id, 9), 1e-5, graph.node(id).label);
}

TEST(Contrast, OfSumsIsTheirDifferenceAPlaceAndSample) {
  Given given;
  given.input(3, 8, 9);
  const NodeId a = given.parameter(Shape{2, 5}, 1), b = given.parameter(Shape{2, 5}, 2);
  const NodeId y =
      given.graph.add("contrast_sums", {a, b}, attributes({{"places", std::int64_t{4}}}));
  const std::vector<float> got = value(given, y, 8);
  expect_alike(got, wanted(given, y, 8), 1e-6, "sums");
  EXPECT_NEAR(got[3], (given.numbers[a][3] - given.numbers[b][3]) / 32, 1e-7);
  EXPECT_THROW(given.graph.add("contrast_sums", {a, given.parameter(Shape{5, 2}, 3)}), Error);
}

TEST(Contrast, RefusesOtherNumbersOfUnits) {
  Statistics s(3);
  EXPECT_THROW(s.given.graph.add("contrast_weights", {s.v0, s.h0, s.h1, s.v1}), Error);
}

TEST(ScaleUnits, IsTheReferencesAndStopsAtTheLeastVariance) {
  Given given;
  const NodeId x = given.input(3, 200, 1), z = given.parameter(Shape{3}, 2);
  given.numbers[z] = {std::log(4.0), 0, -20};
  for (const double power : {-1.0, -0.5, 0.5}) {
    const NodeId y =
        given.graph.add("scale_units", {x, z}, attributes({{"power", power}, {"least", 0.25}}));
    const std::vector<float> got = value(given, y, 200);
    expect_alike(got, wanted(given, y, 200), 1e-6, concat("power ", power));
    for (std::size_t u = 0; u < 3; ++u) {
      const double variance[] = {4, 1, 0.25};
      EXPECT_NEAR(got[u], given.numbers[x][u] * std::pow(variance[u], power), 1e-5) << u;
    }
  }
}

TEST(ContrastVariances, IsTheReferencesAndWorkedOutByHand) {
  for (const std::int64_t batch : {1, 30, 128}) {
    Given given;
    std::vector<NodeId> inputs;
    for (std::uint64_t seed = 1; seed <= 4; ++seed)
      inputs.push_back(given.input(150, batch, seed, 2));
    inputs.push_back(given.parameter(Shape{150}, 5));
    inputs.push_back(given.parameter(Shape{150}, 6));
    const NodeId d = given.graph.add("contrast_variances", inputs, attributes({{"least", 0.9}}));
    expect_alike(value(given, d, batch), wanted(given, d, batch), 1e-5, concat("batch ", batch));
    EXPECT_TRUE(same_bits(value(given, d, batch, 1), value(given, d, batch, 3)));
  }
  Given given;
  const NodeId v0 = given.input(1, 2, 1), r0 = given.input(1, 2, 2);
  const NodeId v1 = given.input(1, 2, 3), r1 = given.input(1, 2, 4);
  const NodeId b = given.parameter(Shape{1}, 5), z = given.parameter(Shape{1}, 6);
  given.numbers = {{v0, {1, 3}}, {r0, {2, 1}}, {v1, {0, 2}},
                   {r1, {5, 2}}, {b, {1}},     {z, {std::log(2.0)}}};
  // Data: q = (0 - 1 x 1) / 2 and (2 - 3 x 0) / 2; machine: (1/2 - 0 x 4) / 2 and
  // (1/2 - 2 x 1) / 2. Means: 1/4 and -1/4.
  const NodeId d = given.graph.add("contrast_variances", {v0, r0, v1, r1, b, z});
  expect_alike(value(given, d, 2), {-0.5}, 1e-6, "by hand");
  EXPECT_THROW(given.graph.add("scale_units", {v0, given.parameter(Shape{4}, 8)}), Error);
}

/// Images of height x width x channels.
NodeId drawn_images(Given& given, const Shape& shape, std::int64_t batch, double scale) {
  const NodeId id = given.graph.add_input({.shape = shape}, "images");
  given.numbers[id] = given.drawn(static_cast<std::size_t>(shape.size() * batch), 1, scale);
  return id;
}

TEST(Blocks, AreTheReferences) {
  for (const std::int64_t size : {1, 2, 3})
    for (const std::int64_t channels : {1, 5, 40}) {
      Given given;
      const NodeId x = drawn_images(given, Shape{6, 12, channels}, 9, 3);
      given.numbers[x][0] = 200, given.numbers[x][1] = -200;  // what exp() does not hold
      const auto of = attributes({{"size", size}});
      const NodeId mean = given.graph.add("block_mean", {x}, of);
      const NodeId sample = given.graph.add("block_sample", {x}, of);
      expect_alike(value(given, mean, 9), wanted(given, mean, 9), 2e-6, concat("size ", size));
      const std::vector<float> drawn = value(given, sample, 9);
      EXPECT_LE(share_that_differs(drawn, wanted(given, sample, 9)), 1e-3) << size;
      EXPECT_TRUE(same_bits(drawn, value(given, sample, 9, 1)));
      EXPECT_NE(drawn, value(given, sample, 9, 1, {.seed = 7, .step = 4}));
    }
}

// A block of 2 x 2 units of one channel beside another: the chances of its five states, by hand.
TEST(Blocks, AreInTheirStatesByTheirChances) {
  constexpr std::int64_t batch = 40000;
  Given given;
  const NodeId x = given.graph.add_input({.shape = Shape{2, 4, 1}}, "x");
  for (std::int64_t i = 0; i < batch; ++i)
    for (const double weight : {1.0, 2.0, 30.0, 1e-9, 3.0, 3.0, 1e-9, 1e-9})
      given.numbers[x].push_back(std::log(weight));
  const auto size = attributes({{"size", std::int64_t{2}}});
  const NodeId mean = given.graph.add("block_mean", {x}, size);
  const double want[] = {0.1, 0.2, 30.0 / 31, 0, 0.3, 0.3, 0, 0};
  const std::vector<float> means = value(given, mean, batch);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(means[i], want[i], 1e-6) << i;
  const std::vector<float> drawn = value(given, given.graph.add("block_sample", {x}, size), batch);
  double count[8] = {};
  for (std::size_t s = 0; s < drawn.size(); s += 8) {
    for (std::size_t i = 0; i < 8; ++i) count[i] += drawn[s + i] / double(batch);
    ASSERT_LE(drawn[s] + drawn[s + 1] + drawn[s + 4] + drawn[s + 5], 1);
    ASSERT_LE(drawn[s + 2] + drawn[s + 3] + drawn[s + 6] + drawn[s + 7], 1);
  }
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(count[i], want[i], 0.012) << i;
  EXPECT_THROW(given.graph.add("block_mean", {x}, attributes({{"size", std::int64_t{3}}})), Error);
}

TEST(ExchangeChains, IsTheReferences) {
  for (const char* unit : {"binary", "bipolar", "gaussian"})
    for (const std::int64_t chains : {2, 5}) {
      constexpr std::int64_t batch = 40;
      Given given;
      const auto chain_input = [&](std::int64_t width, std::uint64_t seed) {
        const NodeId id =
            given.graph.add_input({.shape = Shape{chains, width}}, concat("chains", seed));
        given.numbers[id] = given.drawn(static_cast<std::size_t>(chains * width * batch), seed, 1);
        return id;
      };
      const NodeId y = chain_input(19, 1), h = chain_input(7, 2);
      const NodeId c = given.parameter(Shape{7}, 3);
      const NodeId out =
          given.graph.add("exchange_chains", {y, h, c}, attributes({{"unit", std::string(unit)}}));
      const std::vector<float> got = value(given, out, batch);
      expect_alike(got, wanted(given, out, batch), 1e-6, unit);
      // Some chains changed places and some did not; the row at 0 is 0.
      std::size_t moved = 0;
      for (std::size_t s = 0; s < batch; ++s) {
        const std::size_t top = (s + 1) * static_cast<std::size_t>(chains) - 1;
        moved += std::abs(got[top * 19] - given.numbers.at(y)[top * 19]) > 1e-6;
        EXPECT_EQ(got[s * static_cast<std::size_t>(chains) * 19], 0);
      }
      EXPECT_GT(moved, 0u) << unit;
      EXPECT_LT(moved, static_cast<std::size_t>(batch)) << unit;
      EXPECT_TRUE(same_bits(got, value(given, out, batch, 1))) << unit;
    }
}

TEST(Temper, MultipliesRowsByTheirTemperatures) {
  Given given;
  const NodeId x = given.graph.add_input({.shape = Shape{3, 2}}, "x");
  given.numbers[x] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const NodeId y = given.graph.add("temper", {x});
  EXPECT_EQ(value(given, y, 2), (std::vector<float>{0, 0, 1.5f, 2, 5, 6, 0, 0, 4.5f, 5, 11, 12}));
  expect_alike(value(given, y, 2), wanted(given, y, 2), 1e-7, "temper");
}

TEST(ExchangeChains, RefusesWhatDoesNotFit) {
  Given given;
  const NodeId one = given.graph.add_input({.shape = Shape{1, 4}}, "one");
  const NodeId y = given.graph.add_input({.shape = Shape{3, 4}}, "y");
  const NodeId h = given.graph.add_input({.shape = Shape{3, 2}}, "h");
  const NodeId c = given.parameter(Shape{2}, 3), wide = given.parameter(Shape{5}, 4);
  EXPECT_THROW(given.graph.add("temper", {one}), Error);
  EXPECT_THROW(given.graph.add("exchange_chains", {one, h, c}), Error);
  EXPECT_THROW(given.graph.add("exchange_chains", {y, h, wide}), Error);
  EXPECT_THROW(
      given.graph.add("exchange_chains", {y, h, c}, attributes({{"unit", std::string("nrelu")}})),
      Error);
}

}  // namespace
}  // namespace rectify::run
