#include "rectify/train/initialise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "rectify/activation/activation.h"
#include "rectify/base/text.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/text.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

struct Drawn {
  graph::Graph graph;
  run::ParameterLayout layout;
  Buffer parameters;

  explicit Drawn(const std::string& text, std::uint64_t seed = 1, const std::string& init = "auto")
      : graph(graph::parse_model(text)), layout(graph), parameters(layout.floats()) {
    // What is there before must not matter.
    std::ranges::fill(parameters.span(), 7.0f);
    ThreadPool threads(2);
    initialise(graph, layout, seed, init, threads, parameters.data());
  }
  std::span<const float> of(const std::string& label) const {
    const run::ParameterSlot& slot = layout.slot_of(graph.find(label));
    return parameters.span().subspan(slot.offset, slot.size);
  }
};

struct Moments {
  double mean = 0, deviation = 0, largest = 0, kurtosis = 0;
};

Moments moments(std::span<const float> values) {
  Moments m;
  const auto n = static_cast<double>(values.size());
  for (const double v : values) {
    m.mean += v / n;
    m.largest = std::max(m.largest, std::abs(v));
  }
  double second = 0, fourth = 0;
  for (const double v : values) {
    second += (v - m.mean) * (v - m.mean) / n;
    fourth += std::pow(v - m.mean, 4) / n;
  }
  m.deviation = std::sqrt(second);
  m.kurtosis = fourth / (second * second);  // 3 for normal, 1.8 for uniform
  return m;
}

constexpr double n = 400, m = 250;

/// The deviation that the paper of each initialiser asks for, before a relu.
double wanted_deviation(const std::string& name) {
  if (name.starts_with("he_") || name.starts_with("auto")) return std::sqrt(2 / n);
  if (name.starts_with("glorot_")) return std::sqrt(2 / (n + m));
  if (name.starts_with("lecun_") || name == "whitening") return std::sqrt(1 / n);
  if (name == "gain_normal") return std::sqrt(2.0) / std::sqrt(n);
  if (name == "small_uniform") return 0.01 / std::sqrt(3.0);
  if (name == "orthogonal") return 1 / std::sqrt(n);  // of orthonormal columns of 400
  ADD_FAILURE() << "no deviation is written down for " << name;
  return 0;
}

TEST(Initialise, EveryInitialiserHasItsDeviationAndDistribution) {
  for (const std::string_view view : graph::initialiser_names) {
    const std::string name(view);
    if (name == "identity") continue;  // nothing is drawn
    for (const double gain : {1.0, 3.0}) {
      const Drawn drawn(concat("400 : dense 250 init=", name, " gain=", gain, " | relu | dense 3"));
      const Moments got = moments(drawn.of("dense1.weight"));
      const double want = gain * wanted_deviation(name);
      EXPECT_NEAR(got.deviation / want, 1, 0.01) << name;
      EXPECT_NEAR(got.mean / want, 0, 0.015) << name;
      const bool uniform = name.ends_with("uniform");
      EXPECT_NEAR(got.kurtosis, uniform ? 1.8 : 3, 0.1) << name;
      if (uniform) {
        EXPECT_LE(got.largest, want * std::sqrt(3.0) * (1 + 1e-6)) << name;
        EXPECT_GE(got.largest, want * std::sqrt(3.0) * 0.999) << name;
      }
      for (const float b : drawn.of("dense1.bias")) ASSERT_EQ(b, 0) << name;
    }
  }
}

TEST(Initialise, ConvolutionsHaveTheFanOfTheirWindow) {
  const double in = 5 * 5 * 8, out = 5 * 5 * 96 / 2;
  for (const auto& [init, want] : {std::pair<std::string, double>{"he_normal", std::sqrt(2 / in)},
                                   {"glorot_uniform", std::sqrt(2 / (in + out))},
                                   {"lecun_normal", std::sqrt(1 / in)},
                                   {"gain_normal", std::sqrt(2.0) / std::sqrt(in)},
                                   {"orthogonal", 1 / std::sqrt(in)}}) {
    const Drawn drawn(concat("9x9x16 : conv 96 5x5 groups=2 init=", init, " | max_pool 2 | relu"));
    EXPECT_NEAR(moments(drawn.of("conv1.weight")).deviation / want, 1, 0.02) << init;
    for (const float b : drawn.of("conv1.bias")) ASSERT_EQ(b, 0) << init;
  }
  const Drawn automatic("9x9x3 : conv 8 3x3 | max_pool 2 | relu | flatten | dense 3");
  const Drawn he("9x9x3 : conv 8 3x3 init=he_normal | max_pool 2 | relu | flatten | dense 3");
  EXPECT_TRUE(same_bits(automatic.of("conv1.weight"), he.of("conv1.weight")))
      << "the relu behind the pool is the one that follows";
}

TEST(Initialise, IdentityHandsOn) {
  const Drawn drawn("4x3 : dense 5 init=identity gain=2 | recurrent relu init=identity");
  for (const auto& [label, gain, columns] :
       {std::tuple{"dense1.weight", 2.0f, 5u}, {"recurrent1.weight", 1.0f, 5u}}) {
    const std::span<const float> w = drawn.of(label);
    for (std::size_t i = 0; i < w.size(); ++i)
      ASSERT_EQ(w[i], i / columns == i % columns ? gain : 0) << label;
  }
}

TEST(Initialise, ARecurrentLayersActivationIsTheOneThatFollows) {
  const Drawn automatic("6x40 : dense 30 | recurrent relu | dense 3");
  const Drawn he("6x40 : dense 30 init=he_normal | recurrent relu init=orthogonal | dense 3");
  for (const char* label : {"dense1.weight", "recurrent1.weight"})
    EXPECT_TRUE(same_bits(automatic.of(label), he.of(label))) << label;
}

TEST(Initialise, OrthogonalHasOrthonormalRowsOrColumns) {
  for (const auto& [rows, columns] : {std::pair{40, 25}, {25, 40}, {30, 30}}) {
    const Drawn drawn(concat(rows, " : dense ", columns, " init=orthogonal gain=2"));
    const std::span<const float> w = drawn.of("dense1.weight");
    const bool wide = rows < columns;
    const int vectors = std::min(rows, columns), length = std::max(rows, columns);
    for (int u = 0; u < vectors; ++u)
      for (int v = 0; v < vectors; ++v) {
        double dot = 0;
        for (int i = 0; i < length; ++i)
          dot += wide ? w[u * columns + i] * w[v * columns + i]
                      : w[i * columns + u] * w[i * columns + v];
        ASSERT_NEAR(dot, u == v ? 4 : 0, 1e-5) << rows << "x" << columns;
      }
  }
}

/// Before each activation, `auto` is what its row names.
TEST(Initialise, AutoIsWhatTheFollowingActivationAsksFor) {
  for (const activation::Row& row : activation::family()) {
    const std::map<activation::Initialiser, std::string> names = {
        {activation::Initialiser::he_normal, "he_normal"},
        {activation::Initialiser::lecun_normal, "lecun_normal"},
        {activation::Initialiser::glorot_uniform, "glorot_uniform"},
        {activation::Initialiser::gain_normal, "gain_normal"}};
    const std::string want = names.at(row.initialiser);
    for (const std::string between :
         {"", "| dropout 0.3 ", "| batch_norm ", "| batch_norm affine=no ",
          "| layer_norm | dropout ", "| rms_norm "}) {
      const auto weights = [&](const std::string& init) {
        const Drawn drawn(
            concat("40 : dense 30 init=", init, " ", between, "| ", row.name, " | dense 3"));
        const std::span<const float> w = drawn.of("dense1.weight");
        return std::vector<float>(w.begin(), w.end());
      };
      EXPECT_EQ(weights("auto"), weights(want)) << row.name << between;
    }
  }
}

TEST(Initialise, NormsStartFromNothingAndTakeNoDraws) {
  const Drawn with("40 : dense 30 | batch_norm | relu | dense 20 | layer_norm | relu | dense 3");
  const Drawn without("40 : dense 30 | relu | dense 20 | relu | dense 3");
  for (const char* label : {"dense1.weight", "dense2.weight", "dense3.weight"})
    EXPECT_TRUE(same_bits(with.of(label), without.of(label))) << label;
  for (const auto& [label, start] : {std::pair{"batch_norm1.mean", 0.0f},
                                     {"batch_norm1.variance", 1.0f},
                                     {"batch_norm1.scale", 1.0f},
                                     {"layer_norm1.shift", 0.0f}})
    for (const float value : with.of(label)) EXPECT_EQ(value, start) << label;
}

TEST(Initialise, AutoIsGlorotUniformWhereNoActivationFollows) {
  const Drawn automatic("40 : dense 30 | dense 20 | relu | dense 3");
  const Drawn glorot(
      "40 : dense 30 init=glorot_uniform | dense 20 | relu | dense 3 "
      "init=glorot_uniform");
  EXPECT_TRUE(same_bits(automatic.of("dense3.weight"), glorot.of("dense3.weight")));
  EXPECT_TRUE(same_bits(automatic.of("dense1.weight"), glorot.of("dense1.weight")))
      << "the relu follows dense2, not dense1";
}

TEST(Initialise, AutoLooksPastSumsAndRowsSideBySide) {
  struct Case {
    std::string text, label;
    double gain;
  };
  const double half = std::sqrt(0.5);  // of the variance, for each sum
  const Case cases[] = {
      {"40 : residual(dense 40 | relu | dense 40@) | relu | dense 3", "dense2.weight", half},
      {"40 : residual(dense 40@) | residual(relu | dense 40) | dense 3", "dense1.weight", half},
      {"40 : residual(dense 9 | tanh ; dense 9@) | dropout | relu | dense 3", "dense2.weight",
       half},
      {"40 : residual(residual(dense 40@)) | relu", "dense1.weight", 0.5},
      {"40 : dense_block(dense 8@) | relu | dense 3", "dense1.weight", 1},
      {"40 : dense 40@ | residual(relu | dense 40) | tanh | dense 3", "dense1.weight", 1}};
  for (const auto& [text, label, gain] : cases) {
    std::string plain = text, he = text;
    plain.erase(plain.find('@'), 1);
    he.replace(he.find('@'), 1, " init=he_normal gain=" + number_text(gain));
    EXPECT_TRUE(same_bits(Drawn(plain).of(label), Drawn(he).of(label))) << text;
  }
  const Drawn gated("40 : gated(dense 40) | relu"),
      glorot("40 : gated(dense 40 init=glorot_uniform) | relu");
  EXPECT_TRUE(same_bits(gated.of("dense1.weight"), glorot.of("dense1.weight")))
      << "a product is no layer's output";
}

TEST(Initialise, ReplacementStandsInForAutoOnly) {
  const std::string text = "40 : dense 30 | tanh | dense 20 init=small_uniform | relu | dense 3";
  const Drawn replaced(text, 1, "he_normal"), automatic(text);
  EXPECT_NEAR(moments(replaced.of("dense1.weight")).deviation, std::sqrt(2.0 / 40), 0.01);
  EXPECT_FALSE(same_bits(replaced.of("dense1.weight"), automatic.of("dense1.weight")));
  EXPECT_TRUE(same_bits(replaced.of("dense2.weight"), automatic.of("dense2.weight")));
}

TEST(Initialise, ActivationsStartFromTheSameDrawsUpToGain) {
  const auto text = [](std::string_view f) {
    return concat("40 : dense 30 | ", f, " | dense 20 | ", f, " | dense 3");
  };
  const Drawn relu(text("relu"), 5, "auto_normal");
  for (const activation::Row& row : activation::family()) {
    const Drawn other(text(row.name), 5, "auto_normal");
    for (const char* label : {"dense1.weight", "dense2.weight", "dense3.weight"}) {
      const std::span<const float> a = relu.of(label), b = other.of(label);
      const double ratio = static_cast<double>(b[0]) / a[0];
      EXPECT_GT(ratio, 0);
      for (std::size_t i = 0; i < a.size(); ++i)
        ASSERT_NEAR(b[i], ratio * a[i], 1e-6 * std::abs(b[i])) << row.name << ", " << label;
    }
    EXPECT_TRUE(same_bits(relu.of("dense3.weight"), other.of("dense3.weight"))) << row.name;
  }
}

TEST(Initialise, IsAddressedBySeedAndParameter) {
  const std::string text = "30 : dense 30 | relu | dense 30 | relu | dense 30";
  const Drawn a(text, 1), again(text, 1), b(text, 2);
  EXPECT_TRUE(same_bits(a.parameters.span(), again.parameters.span()));
  EXPECT_FALSE(same_bits(a.of("dense1.weight"), b.of("dense1.weight")));
  EXPECT_FALSE(same_bits(a.of("dense1.weight"), a.of("dense2.weight")));
}

}  // namespace
}  // namespace rectify::train
