#include <gtest/gtest.h>

#include <set>

#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

float forward(const Row& row, std::string_view isa, float x, const Parameters& p) {
  float y;
  kernels(row, isa).forward(&x, &y, 1, p);
  return y;
}

float slope(const Row& row, std::string_view isa, float x, const Parameters& p) {
  const float one = 1;
  float dx;
  kernels(row, isa).backward(&x, &one, &dx, 1, p);
  return dx;
}

TEST(Rows, NamesAndAliasesAreUniqueAndFound) {
  std::set<std::string_view> seen;
  for (const Row& row : family()) {
    EXPECT_EQ(&row, &family()[row.index]);
    EXPECT_TRUE(seen.insert(row.name).second) << row.name;
    EXPECT_EQ(&find(row.name), &row);
    for (const std::string_view alias : row.aliases) {
      EXPECT_TRUE(seen.insert(alias).second) << alias;
      EXPECT_EQ(find_or_null(alias), &row);
    }
  }
  EXPECT_EQ(names().size(), family().size());
}

TEST(Rows, AnUnknownNameSuggestsTheNearest) {
  EXPECT_EQ(find_or_null("rleu"), nullptr);
  try {
    find("rleu");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "unknown activation 'rleu'; did you mean 'relu'?");
  }
  EXPECT_THROW(find(""), Error);
}

TEST(Rows, SayWhatTheyAre) {
  for (const Row& row : family()) {
    EXPECT_FALSE(row.formula.empty() || row.derivative.empty()) << row.name;
    EXPECT_EQ(row.slope_from_output, row.from_output(row.defaults())) << row.name;
    EXPECT_TRUE(!row.slope_from_output || row.output_slope != nullptr) << row.name;
    EXPECT_TRUE(properties(row, row.defaults()).smooth || !row.kink.empty()) << row.name;
    for (const ParameterInfo& info : row.parameters) {
      EXPECT_TRUE(info.low <= info.value && info.value <= info.high) << row.name;
    }
  }
}

TEST(Rows, AnchorsOfRelu) {
  const Row& relu = find("relu");
  const float z[] = {-3, -1, 0, 0.5, 1, 3}, y[] = {0, 0, 0, 0.5, 1, 3}, d[] = {0, 0, 0, 1, 1, 1};
  for (const std::string_view isa : instruction_sets()) {
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(forward(relu, isa, z[i], relu.defaults()), y[i]);
      EXPECT_EQ(slope(relu, isa, z[i], relu.defaults()), d[i]);
    }
  }
}

TEST(Rows, AnchorsOfTheOthers) {
  struct Anchor {
    const char* name;
    double x, y, slope;
  };
  const Anchor anchors[] = {
      {"leaky_relu", -1, -0.01, 0.01},
      {"leaky_relu", 2, 2, 1},
      {"sigmoid", 0, 0.5, 0.25},
      {"sigmoid", 1, 0.731058579, 0.196611933},
      {"tanh", 1, 0.761594156, 0.419974342},
      {"softplus", 0, 0.693147181, 0.5},
      {"softplus", -20, 2.06115362e-9, 2.06115362e-9},
      {"elu", -1, -0.632120559, 0.367879441},
      {"elu", 1000, 1000, 1},
      {"selu", 1, 1.05070099, 1.05070099},
      {"selu", -1, -1.11133072, 0.646768603},
      {"gelu", 1, 0.841344746, 1.08331547},
      {"gelu", -10, -7.61985302e-23, -7.6184001e-22},
      {"silu", 1, 0.731058579, 0.927670512},
      {"silu", -20, -4.12230724e-8, -3.91619e-8},
      {"prelu", -2, -0.5, 0.25},
      {"rrelu", -2, -0.458333333, 0.229166667},
      {"celu", -1, -0.632120559, 0.367879441},
      {"gelu_tanh", 1, 0.841191991, 1.08296},
      {"gelu_tanh", -3, -0.003637392082, -0.0115841},
      {"mish", 1, 0.865098388, 1.04901},
      {"mish", -1, -0.303401461, 0.0592169},
      {"hard_tanh", 0.5, 0.5, 1},
      {"abs_tanh", -1, 0.761594156, -0.419974342},
      {"relu6", 3, 3, 1},
      {"hard_swish", 1, 0.666666667, 0.833333333},
      {"hard_sigmoid", 1, 0.666666667, 0.166666667},
      {"relu_squared", 3, 9, 6},
      {"softsign", -3, -0.75, 0.0625},
      {"threshold_relu", 3, 3, 1},
      {"noisy_relu", 3, 3, 1},
      {"stepped_sigmoid", 0, 0.682569479, 0.49999989},
  };
  for (const Anchor& a : anchors) {
    const Row& row = find(a.name);
    for (const std::string_view isa : instruction_sets()) {
      EXPECT_NEAR(forward(row, isa, a.x, row.defaults()) / a.y, 1, 3e-7) << a.name << " " << a.x;
      EXPECT_NEAR(slope(row, isa, a.x, row.defaults()) / a.slope, 1, 1e-4) << a.name << " " << a.x;
    }
  }
}

// A chain of one-unit layers, weight 0.1: three weight-and-derivative steps.
TEST(Rows, ReluPassesOn64TimesTheGradientOfSigmoid) {
  const Row &relu = find("relu"), &sigmoid = find("sigmoid");
  double with_relu = 1, with_sigmoid = 1;
  for (int layer = 0; layer < 3; ++layer) {
    with_relu *= 0.1 * slope(relu, instruction_set(), 1, relu.defaults());
    with_sigmoid *= 0.1 * slope(sigmoid, instruction_set(), 0, sigmoid.defaults());
  }
  EXPECT_NEAR(with_relu, 0.001, 1e-9);
  EXPECT_NEAR(with_relu / with_sigmoid, 64, 1e-4);
}

TEST(Rows, DerivativesAtTheKinkAreTheOnesDefined) {
  struct Kink {
    const char* name;
    float at;
    double parameter;  ///< the first, NAN for the default
    double slope, value;
  };
  const Kink table[] = {
      {"relu", 0, 0, 0, 0},
      {"relu", 0, 0.5, 0.5, 0},
      {"relu", 0, 1, 1, 0},
      {"leaky_relu", 0, NAN, 0.01, 0},
      {"leaky_relu", 0, 0, 0, 0},
      {"prelu", 0, NAN, 0.25, 0},
      {"rrelu", 0, NAN, 11.0 / 48, 0},
      {"elu", 0, NAN, 1, 0},
      {"elu", 0, 0.5, 0.5, 0},
      {"celu", 0, NAN, 1, 0},
      {"celu", 0, 0.5, 1, 0},
      {"celu", 0, 2, 1, 0},
      {"selu", 0, NAN, 1.7580993408473766, 0},
      {"hard_tanh", 1, NAN, 0, 1},
      {"hard_tanh", -1, NAN, 0, -1},
      {"abs_tanh", 0, NAN, 0, 0},
      {"relu6", 0, NAN, 0, 0},
      {"relu6", 6, NAN, 0, 6},
      {"hard_swish", -3, NAN, 0, 0},
      {"hard_swish", 3, NAN, 1, 3},
      {"hard_sigmoid", -3, NAN, 0, 0},
      {"hard_sigmoid", 3, NAN, 0, 1},
      {"relu_squared", 0, NAN, 0, 0},
      {"threshold_relu", 1, NAN, 0, 0},
      {"threshold_relu", 2.5, 2.5, 0, 0},
      {"noisy_relu", 0, NAN, 0, 0},
  };
  for (const Kink& kink : table) {
    const Row& row = find(kink.name);
    Parameters p = row.defaults();
    if (!std::isnan(kink.parameter)) p[0] = kink.parameter;
    for (const float x : {kink.at, kink.at == 0 ? -0.0f : kink.at}) {
      EXPECT_NEAR(row.slope(x, p), kink.slope, 1e-15) << kink.name;
      for (const std::string_view isa : instruction_sets()) {
        EXPECT_EQ(slope(row, isa, x, p), static_cast<float>(kink.slope)) << kink.name;
        EXPECT_EQ(forward(row, isa, x, p), kink.value) << kink.name;
      }
    }
  }
}

TEST(Rows, EveryKinkIsFoundWhereItIsDefined) {
  const auto of = [](std::string_view name) { return kinks(find(name), find(name).defaults()); };
  EXPECT_EQ(of("hard_swish"), (std::vector<double>{-3, 3}));
  EXPECT_EQ(of("hard_tanh"), (std::vector<double>{-1, 1}));
  EXPECT_EQ(of("relu6"), (std::vector<double>{0, 6}));
  EXPECT_EQ(of("threshold_relu"), std::vector<double>{1});
  EXPECT_EQ(of("abs_tanh"), std::vector<double>{0});
  for (const char* smooth : {"elu", "celu", "gelu", "gelu_tanh", "silu", "mish", "softplus", "tanh",
                             "softsign", "relu_squared", "stepped_sigmoid", "identity"})
    EXPECT_TRUE(of(smooth).empty()) << smooth;
  ASSERT_EQ(kinks(find("threshold_relu"), {{33.3}}).size(), 1u);
  EXPECT_NEAR(kinks(find("threshold_relu"), {{33.3}})[0], 33.3, 2e-9);
}

TEST(Rows, InfinitiesGiveLimitsAndNaNStays) {
  struct Limits {
    const char* name;
    float left, right, slope_left, slope_right;
  };
  const Limits limits[] = {{"identity", -infinite, infinite, 1, 1},
                           {"relu", 0, infinite, 0, 1},
                           {"leaky_relu", -infinite, infinite, 0.01f, 1},
                           {"prelu", -infinite, infinite, 0.25f, 1},
                           {"rrelu", -infinite, infinite, 11.0f / 48, 1},
                           {"elu", -1, infinite, 0, 1},
                           {"celu", -1, infinite, 0, 1},
                           {"selu", -1.75809934f, infinite, 0, 1.05070099f},
                           {"gelu", 0, infinite, 0, 1},
                           {"gelu_tanh", 0, infinite, 0, 1},
                           {"silu", 0, infinite, 0, 1},
                           {"mish", 0, infinite, 0, 1},
                           {"softplus", 0, infinite, 0, 1},
                           {"sigmoid", 0, 1, 0, 0},
                           {"tanh", -1, 1, 0, 0},
                           {"hard_tanh", -1, 1, 0, 0},
                           {"abs_tanh", 1, 1, 0, 0},
                           {"relu6", 0, 6, 0, 0},
                           {"hard_swish", 0, infinite, 0, 1},
                           {"hard_sigmoid", 0, 1, 0, 0},
                           {"relu_squared", 0, infinite, 0, infinite},
                           {"softsign", -1, 1, 0, 0},
                           {"threshold_relu", 0, infinite, 0, 1},
                           {"stepped_sigmoid", 0, 100, 0, 0},
                           {"noisy_relu", 0, infinite, 0, 1}};
  for (const Limits& l : limits) {
    const Row& row = find(l.name);
    const Parameters p = row.defaults();
    for (const std::string_view isa : instruction_sets()) {
      EXPECT_EQ(forward(row, isa, -infinite, p), l.left) << row.name << " " << isa;
      EXPECT_EQ(forward(row, isa, infinite, p), l.right) << row.name << " " << isa;
      EXPECT_EQ(slope(row, isa, -infinite, p), l.slope_left) << row.name << " " << isa;
      EXPECT_EQ(slope(row, isa, infinite, p), l.slope_right) << row.name << " " << isa;
    }
  }
  // And for rows and parameters that the table does not name: as the oracle says, and a number.
  for (const Case& c : cases()) {
    for (const std::string_view isa : instruction_sets()) {
      for (const float x : {-infinite, infinite}) {
        const double value = c.row->value(x, c.p), at = c.row->slope(x, c.p);
        EXPECT_FALSE(std::isnan(value) || std::isnan(at)) << c.text() << " " << x;
        EXPECT_LE(ulps(forward(*c.row, isa, x, c.p), value), 4) << c.text() << " " << x;
        EXPECT_LE(ulps(slope(*c.row, isa, x, c.p), at), 4) << c.text() << " " << isa << " " << x;
      }
      EXPECT_TRUE(std::isnan(forward(*c.row, isa, NAN, c.p))) << c.text() << " " << isa;
      // The one derivative that does not look at x.
      const bool constant = c.row->name == "identity";
      EXPECT_EQ(std::isnan(slope(*c.row, isa, NAN, c.p)), !constant) << c.text() << " " << isa;
    }
  }
}

TEST(Rows, ZerosAndDenormalsAreExactToTheLastBits) {
  constexpr float tiny = std::numeric_limits<float>::denorm_min();
  for (const Case& c : cases()) {
    for (const std::string_view isa : instruction_sets()) {
      for (const float x : {0.0f, -0.0f, tiny, -tiny, 1e-40f, -1e-40f, 1.17e-38f, -1.17e-38f}) {
        const double value = c.row->value(x, c.p), at = c.row->slope(x, c.p);
        EXPECT_LE(ulps(forward(*c.row, isa, x, c.p), value), 4)
            << c.text() << " " << isa << " " << x;
        EXPECT_LE(ulps(slope(*c.row, isa, x, c.p), at), 4) << c.text() << " " << isa << " " << x;
      }
    }
  }
}

TEST(Rows, ReluKeepsItsInputOnlyWhereTheKinkAsksForIt) {
  const Row& relu = find("relu");
  EXPECT_TRUE(relu.from_output({0}));
  EXPECT_FALSE(relu.from_output({0.5}));
  EXPECT_FALSE(relu.from_output({1}));
  EXPECT_FALSE(find("gelu").slope_from_output);
  EXPECT_TRUE(find("tanh").slope_from_output);
}

TEST(Dispatch, OnlyInstructionSetsOfThisProcessorAreOffered) {
  const auto sets = instruction_sets();
  ASSERT_FALSE(sets.empty());
  EXPECT_EQ(sets.back(), "baseline");
  EXPECT_NE(std::find(sets.begin(), sets.end(), instruction_set()), sets.end());
  for (const Row& row : family()) {
    EXPECT_EQ(&kernels(row), &kernels(row, instruction_set()));
  }
  EXPECT_THROW(kernels(family()[0], "mmx"), Error);
}

}  // namespace
}  // namespace rectify::activation
