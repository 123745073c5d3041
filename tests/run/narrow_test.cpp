// Products with weights that are kept as bfloat16 or int8, held against sums of the rounded
// weights.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "rectify/base/enumeration.h"
#include "rectify/run/cpu/sparse/narrow_loops.h"
#include "rectify/run/cpu/sparse/narrow_product.h"
#include "tests/run/network.h"
#include "tests/run/sparse_factors.h"

namespace rectify::run::cpu {
namespace {

constexpr WeightPrecision narrow[] = {WeightPrecision::bf16, WeightPrecision::int8};
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float too_large = std::numeric_limits<float>::infinity();

/// What is left of a column's weights.
std::vector<double> rounded_weights(const std::vector<float>& w, WeightPrecision precision) {
  float largest = 0;
  for (const float v : w) largest = std::max(largest, std::abs(v));
  const float scale = largest / 127;
  std::vector<double> kept;
  for (const float v : w)
    kept.push_back(precision == WeightPrecision::bf16 ? double{to_float(to_bfloat16(v))}
                   : scale == 0                       ? 0
                                : double{std::nearbyint(v / scale)} * double{scale});
  return kept;
}

std::vector<float> narrow_product(const std::vector<float>& x, const std::vector<float>& w,
                                  const Size& size, WeightPrecision precision, int count = 3) {
  ThreadPool threads(count);
  std::vector<float> left = x, right = w;
  std::vector<float> y(static_cast<std::size_t>(size.m * size.n), not_a_number);
  NarrowProduct(run::matrix(left.data(), size.m, size.k), run::matrix(right.data(), size.k, size.n),
                run::matrix(y.data(), size.m, size.n), precision, threads)
      .run();
  return y;
}

void expect_sums_of_rounded(const std::vector<float>& x, const std::vector<float>& w,
                            const std::vector<float>& y, const Size& size,
                            WeightPrecision precision) {
  for (std::int64_t j = 0; j < size.n; ++j) {
    std::vector<float> column;
    for (std::int64_t k = 0; k < size.k; ++k) column.push_back(w[k * size.n + j]);
    const std::vector<double> kept = rounded_weights(column, precision);
    for (std::int64_t r = 0; r < size.m; ++r) {
      double want = 0, terms = 0;
      for (std::int64_t k = 0; k < size.k; ++k) {
        want += x[r * size.k + k] * kept[k];
        terms += std::abs(x[r * size.k + k] * kept[k]);
      }
      ASSERT_NEAR(y[r * size.n + j], want, 1e-6 * terms)
          << rectify::name_of(precision) << " " << size.m << "x" << size.k << "x" << size.n
          << " at " << r << ", " << j;
    }
  }
}

TEST(Narrow, SumsAreThoseOfTheRoundedWeightsForAnySizeAndDensity) {
  for (const Size& size : {Size{1, 1, 1},
                           {2, 300, 18},
                           {7, 33, 129},
                           {32, 40, 1040},
                           {3, 2500, 31},
                           {1, 1030, 200},
                           {33, 65, 7},
                           {70, 20, 48}})
    for (const double density : {0.0, 0.1, 0.5, 1.0})
      for (const WeightPrecision precision : narrow) {
        const std::vector<float> x = sparse_numbers(size.m * size.k, density, 1),
                                 w = sparse_numbers(size.k * size.n, 1, 2);
        expect_sums_of_rounded(x, w, narrow_product(x, w, size, precision), size, precision);
      }
}

TEST(Narrow, EveryStepOfAnIntegerIsWidenedExactly) {
  constexpr std::int64_t steps = 255;
  std::vector<std::int8_t> panel;
  for (std::int64_t i = -127; i <= 127; ++i)
    for (std::int64_t j = 0; j < narrow_loops().lanes; ++j)
      panel.push_back(static_cast<std::int8_t>(i));
  const float one = 1;
  for (std::uint16_t at = 0; at < steps; ++at) {
    std::vector<float> y(static_cast<std::size_t>(narrow_loops().lanes));
    const std::vector<std::uint16_t> places(1 + narrow_ahead, at);
    narrow_loops().add_int8({places.data(), &one, nullptr, 1}, panel.data(), narrow_loops().lanes,
                            y.data(), nullptr);
    for (const float sum : y) ASSERT_EQ(sum, at - 127);
  }
}

TEST(Narrow, LargestWeightOfAUnitIsKeptAndZerosStayZeros) {
  // Columns: ordinary, zeros, halves between two steps, too small for a scale.
  const std::vector<float> w = {127, 0,     0.5f,  1e-45f,  //
                                -3,  0,     1.5f,  0,       //
                                2,   0,     127,   0,       //
                                0,   -0.0f, -2.5f, -1e-45f};
  const Size size{4, 4, 4};
  const std::vector<float> x = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  const std::vector<float> y = narrow_product(x, w, size, WeightPrecision::int8);
  const std::vector<float> want = {127, 0, 0, 0, -3, 0, 2, 0, 2, 0, 127, 0, 0, 0, -2, 0};
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(Narrow, NumbersThatAreNotFiniteDoNotVanish) {
  for (const float wrong : {not_a_number, too_large, -too_large}) {
    std::vector<float> w = sparse_numbers(300 * 20, 1, 2), x(3 * 300);
    w[7 * 20 + 5] = wrong;
    x[7] = x[300 + 8] = 1;  // the first sample reads it, the second another row, the third none
    const Size size{3, 300, 20};
    const std::vector<float> y = narrow_product(x, w, size, WeightPrecision::int8);
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i % 20 == 5) << i;
    const std::vector<float> z = narrow_product(x, w, size, WeightPrecision::bf16);
    for (std::size_t i = 0; i < z.size(); ++i) EXPECT_EQ(std::isfinite(z[i]), i != 5) << i;
    x[7] = 0, x[9] = wrong;
    for (const WeightPrecision precision : narrow) {
      const std::vector<float> read = narrow_product(x, w, size, precision);
      for (std::size_t j = 0; j < 20; ++j) EXPECT_FALSE(std::isfinite(read[j])) << j;
    }
  }
}

TEST(Narrow, AreTheSameBitsForAnyNumberOfThreadsAndForASampleAlone) {
  const Size size{37, 1500, 1100};
  const std::vector<float> w = sparse_numbers(size.k * size.n, 1, 2);
  for (const double density : {0.2, 0.9})  // rows listed alone, and in pairs
    for (const WeightPrecision precision : narrow) {
      const std::vector<float> x = sparse_numbers(size.m * size.k, density, 1);
      const std::vector<float> first = narrow_product(x, w, size, precision, 1);
      for (const int count : {2, 3, 5})
        EXPECT_TRUE(first == narrow_product(x, w, size, precision, count)) << count;
      const std::vector<float> alone = narrow_product(
          {x.begin() + 5 * size.k, x.begin() + 6 * size.k}, w, {1, size.k, size.n}, precision);
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(), first.begin() + 5 * size.n));
    }
}

TEST(Narrow, CountsWhatIsNotZero) {
  ThreadPool threads(1);
  std::vector<float> x = {0, 1, not_a_number, -0.0f, 0, 2}, w(3 * 5, 1.0f), y(2 * 5);
  NarrowProduct product(run::matrix(x.data(), 2, 3), run::matrix(w.data(), 3, 5),
                        run::matrix(y.data(), 2, 5), WeightPrecision::int8, threads);
  EXPECT_EQ(product.run(), 3);
}

/// What a network answers, in a plan with such weights.
std::vector<float> narrow_answers(const Network& n, WeightPrecision precision,
                                  bool training = false) {
  const ParameterLayout layout = n.layout();
  Buffer parameters = parameters_of(n, layout);
  ThreadPool threads(2);
  Plan plan(
      n.graph, layout, parameters.data(), threads,
      {.batch = n.batch, .training = training, .keep = {n.graph.result}, .weights = precision});
  fill(plan, n);
  plan.run({.seed = 7, .step = 3});
  const std::span<const float> value = plan.value(n.graph.result);
  return {value.begin(), value.end()};
}

/// The network with the weights of its dense layers rounded.
Network with_rounded_weights(Network n, WeightPrecision precision) {
  for (NodeId id = 0; id < n.graph.size(); ++id) {
    if (n.graph.node(id).op->name != "dense") continue;
    std::vector<double>& w = n.given.at(n.graph.node(id).inputs[1]);
    const auto columns = static_cast<std::size_t>(n.graph.node(id).type.shape.back());
    for (std::size_t j = 0; j < columns; ++j) {
      std::vector<float> column;
      for (std::size_t i = j; i < w.size(); i += columns)
        column.push_back(static_cast<float>(w[i]));
      const std::vector<double> kept = rounded_weights(column, precision);
      for (std::size_t k = 0; k < kept.size(); ++k) w[k * columns + j] = kept[k];
    }
  }
  return n;
}

TEST(Narrow, AnswersAreTheReferencesForRoundedWeights) {
  for (const char* text : {"190 : dense 330 | relu | dense 33 bias=no | tanh | dense 5",
                           "8x8x3 : conv 8 3x3 | relu | flatten | dense 40 | swiglu | dense 5",
                           "6x19 : dense 16 | relu | flatten | dense 5"})
    for (const std::int64_t batch : {1, 2, 7, 32, 50})
      for (const WeightPrecision precision : narrow) {
        const Network n = network(text, softmax, batch, 1, Draw::normal);
        const auto want = run_reference(with_rounded_weights(n, precision), false)[n.graph.result];
        EXPECT_LT(distance(narrow_answers(n, precision), want), 1e-5) << text << " " << batch;
        EXPECT_GT(distance(narrow_answers(n, WeightPrecision::fp32), want), 1e-5) << text;
      }
}

TEST(Narrow, TrainingReadsTheParametersThemselves) {
  const Network n = network("190 : dense 330 | relu | dense 5", softmax, 8, 1, Draw::normal);
  EXPECT_EQ(narrow_answers(n, WeightPrecision::int8, true),
            narrow_answers(n, WeightPrecision::fp32, true));
}

}  // namespace
}  // namespace rectify::run::cpu
