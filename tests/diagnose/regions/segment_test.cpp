// Pieces along a segment, against counts that are known, and against networks that are computed
// here once more, place by place.

#include "rectify/diagnose/regions/segment.h"

#include "rectify/base/error.h"
#include "tests/diagnose/regions/networks.h"

namespace rectify::diagnose {
namespace {

SegmentPieces between(const model::Model& model, const std::vector<float>& a,
                      const std::vector<float>& b, std::size_t limit = most_segment_parts,
                      int threads = 1) {
  ThreadPool pool(threads);
  return pieces_between(AffineNetwork(model), a, b, pool, limit);
}

/// The tent map 2 min(x, 1 - x) = 2 relu(x) - 4 relu(x - 1/2) on [0, 1], `times` times.
model::Model tent(int times) {
  std::string text = "1";
  for (int i = 0; i < times; ++i)
    text += std::string(i == 0 ? " : " : " | ") + "dense 2 | relu | dense 1";
  model::Model model(text);
  for (int i = 0; i < times; ++i) {
    const std::string first = "dense" + std::to_string(2 * i + 1),
                      second = "dense" + std::to_string(2 * i + 2);
    set_parameter(model, first + ".weight", {1, 1});
    set_parameter(model, first + ".bias", {0, -0.5f});
    set_parameter(model, second + ".weight", {2, -4});
  }
  return model;
}

// Telgarsky 2016: each fold doubles the pieces.
TEST(Segment, CountsTwoToTheLPiecesOfTheTentMapComposedLTimes) {
  for (const int times : {1, 2, 3, 8, 12, 16}) {
    const SegmentPieces found = between(tent(times), {0}, {1});
    const std::size_t pieces = std::size_t{1} << times;
    EXPECT_EQ(found.pieces, pieces) << times;
    EXPECT_EQ(found.patterns, pieces) << times;
    ASSERT_EQ(found.kinks.size(), pieces - 1);
    for (std::size_t i = 0; i < found.kinks.size(); ++i)
      ASSERT_EQ(found.kinks[i], static_cast<double>(i + 1) / static_cast<double>(pieces))
          << "kinks are at i / 2^L, to the last bit";
  }
}

TEST(Segment, SaysHowManyPatternsThereAreBehindEachLayer) {
  const SegmentPieces found = between(tent(3), {0}, {1});
  ASSERT_EQ(found.after.size(), 3u);
  EXPECT_EQ(found.after[0].label, "relu1");
  EXPECT_EQ(found.after[0].parts, 2u);
  EXPECT_EQ(found.after[1].parts, 4u);
  EXPECT_EQ(found.after[2].parts, 8u);
}

TEST(Segment, StopsAtTheLimitAndSaysSo) {
  const SegmentPieces found = between(tent(12), {0}, {1}, 1000);
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.patterns, 0u);
  EXPECT_TRUE(found.kinks.empty());
  EXPECT_TRUE(between(tent(8), {0}, {1}, 256).complete);
  EXPECT_FALSE(between(tent(8), {0}, {1}, 255).complete);
}

// Units that the output does not see make patterns, not pieces: relu(x) + 0 relu(x - 1), and
// relu(x) - relu(-x) = x.
TEST(Segment, TellsPiecesOfTheOutputFromPatterns) {
  model::Model unseen("1 : dense 2 | relu | dense 1");
  set_parameter(unseen, "dense1.weight", {1, 1});
  set_parameter(unseen, "dense1.bias", {0, -1});
  set_parameter(unseen, "dense2.weight", {1, 0});
  const SegmentPieces found = between(unseen, {-2}, {2});
  EXPECT_EQ(found.patterns, 3u);
  EXPECT_EQ(found.pieces, 2u);
  ASSERT_EQ(found.kinks.size(), 1u);
  EXPECT_DOUBLE_EQ(found.kinks[0], 0.5);

  model::Model line("1 : dense 2 | relu | dense 1");
  set_parameter(line, "dense1.weight", {1, -1});
  set_parameter(line, "dense2.weight", {1, -1});
  EXPECT_EQ(between(line, {-1}, {2}).patterns, 2u);
  EXPECT_EQ(between(line, {-1}, {2}).pieces, 1u);
}

TEST(Segment, CountsUnitsThatSwitchAtTheSamePlaceOnce) {
  model::Model twins("1 : dense 3 | relu | dense 1");
  set_parameter(twins, "dense1.weight", {1, 0.1f, 3});
  set_parameter(twins, "dense1.bias", {-0.3f, -0.03f, -0.9f});  // all at 0.3, but for rounding
  set_parameter(twins, "dense2.weight", {1, 1, 1});
  const SegmentPieces found = between(twins, {0}, {1});
  EXPECT_LE(found.patterns, 4u);  // floats: 0.1 x 0.3 is not 0.03
  set_parameter(twins, "dense1.weight", {1, 0.5f, 4});
  set_parameter(twins, "dense1.bias", {-0.25f, -0.125f, -1});
  EXPECT_EQ(between(twins, {0}, {1}).patterns, 2u);
}

/// One layer of a network that is computed here: y = W x + b, then max(x, slope x).
struct Layer {
  std::vector<double> weight, bias;
  std::size_t in, out;
};

std::vector<Layer> layers_of(const model::Model& model) {
  std::vector<Layer> layers;
  for (const run::ParameterSlot& slot : model.layout.slots()) {
    const float* from = model.parameters.data() + slot.offset;
    if (slot.label.ends_with(".weight"))
      layers.push_back({{from, from + slot.size},
                        {},
                        static_cast<std::size_t>(slot.shape[0]),
                        static_cast<std::size_t>(slot.shape[1])});
    else
      layers.back().bias.assign(from, from + slot.size);
  }
  return layers;
}

/// Which units of the hidden layers are positive.
std::vector<bool> pattern_of(const std::vector<Layer>& layers, std::vector<double> x,
                             double slope) {
  std::vector<bool> pattern;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    std::vector<double> y(layers[l].out);
    for (std::size_t o = 0; o < y.size(); ++o) {
      y[o] = layers[l].bias[o];
      for (std::size_t i = 0; i < x.size(); ++i) y[o] += layers[l].weight[i * y.size() + o] * x[i];
      pattern.push_back(y[o] > 0);
      if (y[o] <= 0) y[o] *= slope;
    }
    x = std::move(y);
  }
  return pattern;
}

/// Places where the pattern changes: by walking in small steps, and bisecting each step that it
/// changes in, until both ends of the change are neighbours of it.
std::vector<double> changes(const std::vector<Layer>& layers, const std::vector<float>& a,
                            const std::vector<float>& b, double slope) {
  const auto at = [&](double t) {
    std::vector<double> x(a.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = a[i] + t * (double{b[i]} - a[i]);
    return pattern_of(layers, x, slope);
  };
  constexpr int steps = 5000;
  std::vector<double> found;
  std::vector<bool> before = at(0);
  for (int step = 0; step < steps; ++step) {
    double low = static_cast<double>(step) / steps;
    const double end = static_cast<double>(step + 1) / steps;
    const std::vector<bool> after = at(end);
    while (before != after) {
      double high = end;
      while (high - low > 1e-13) {
        const double middle = (low + high) / 2;
        (at(middle) == before ? low : high) = middle;
      }
      found.push_back(high);
      before = at(high);
      low = high;
    }
  }
  return found;
}

TEST(Segment, AgreesWithWalkingAlongRandomNetworks) {
  const std::pair<const char*, double> networks[] = {
      {"2 : dense 6 | relu | dense 2", 0},
      {"3 : dense 8 | relu | dense 8 | relu | dense 2", 0},
      {"4 : dense 10 | relu | dense 10 | relu | dense 10 | relu | dense 3", 0},
      {"3 : dense 8 | leaky_relu a=0.25 | dense 8 | leaky_relu a=0.25 | dense 2", 0.25}};
  std::size_t cuts = 0;
  for (const auto& [text, slope] : networks)
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      const model::Model model = random_model(text, seed);
      const std::size_t inputs = AffineNetwork(model).inputs();
      const std::vector<float> a = random_input(inputs, seed), b = random_input(inputs, seed + 50);
      const std::vector<double> expected = changes(layers_of(model), a, b, slope);
      const SegmentPieces found = between(model, a, b);
      EXPECT_EQ(found.patterns, expected.size() + 1) << text << ", seed " << seed;
      cuts += expected.size();
      // Every kink of the output is one of the changes.
      for (const double kink : found.kinks) {
        double nearest = 1;
        for (const double change : expected) nearest = std::min(nearest, std::abs(change - kink));
        EXPECT_LT(nearest, 1e-9) << text << ", seed " << seed;
      }
    }
  EXPECT_GT(cuts, 300u);
}

TEST(Segment, HasTheSameBitsForAnyNumberOfThreads) {
  const model::Model model =
      random_model("4 : dense 40 | relu | dense 40 | relu | dense 40 | relu | dense 3", 5);
  const auto a = random_input(4, 1), b = random_input(4, 2);
  const SegmentPieces one = between(model, a, b), three = between(model, a, b, 1 << 20, 3);
  EXPECT_GT(one.patterns, 50u);
  EXPECT_EQ(one.patterns, three.patterns);
  EXPECT_EQ(one.kinks, three.kinks);
}

TEST(Segment, SaysWhichOutputIsTheLargestAndFromWhere) {
  model::Model model("1 : dense 2 | relu | dense 2");  // outputs |x| and 1
  set_parameter(model, "dense1.weight", {1, -1});
  set_parameter(model, "dense2.weight", {1, 0, 1, 0});
  set_parameter(model, "dense2.bias", {0, 1});
  const SegmentPieces found = between(model, {-4}, {4});
  ASSERT_EQ(found.answers.size(), 3u);
  EXPECT_EQ(found.answers[0].largest, 0u);
  EXPECT_EQ(found.answers[1].largest, 1u);
  EXPECT_DOUBLE_EQ(found.answers[1].begin, 3.0 / 8);
  EXPECT_EQ(found.answers[2].largest, 0u);
  EXPECT_DOUBLE_EQ(found.answers[2].begin, 5.0 / 8);
}

TEST(Segment, RefusesWhatIsNoSegment) {
  const model::Model model = random_model("2 : dense 3 | relu | dense 2", 1);
  ThreadPool threads(1);
  const AffineNetwork network(model);
  expect_error(
      [&] {
        pieces_between(network, std::vector<float>{1, 2}, std::vector<float>{1, 2}, threads);
      },
      {"same input"});
  expect_error(
      [&] {
        pieces_between(network, std::vector<float>{1, 2, 3}, std::vector<float>{1, 2}, threads);
      },
      {"3 numbers", "takes 2"});
}

TEST(AffineNetwork, NamesTheNodeThatIsNotPiecewiseLinear) {
  const auto look = [](const char* text) {
    return [text] {
      const model::Model model(text);
      AffineNetwork network(model);
    };
  };
  expect_error(look("2 : dense 3 | relu | dense 3 | sigmoid | dense 2"),
               {"'sigmoid1'", "not piecewise linear", "leaky_relu", "hard_tanh"});
  expect_error(look("2 : dense 3 | gelu | dense 2"), {"'gelu1'"});
  expect_error(look("2 : dense 3 | relu_squared | dense 2"), {"'relu_squared1'"});
  expect_error(look("2 : dense 4 | layer_norm | relu | dense 2"), {"layer_norm 'layer_norm1'"});
  expect_error(look("2 : dense 4 | geglu | dense 2"), {"geglu"});
}

}  // namespace
}  // namespace rectify::diagnose
