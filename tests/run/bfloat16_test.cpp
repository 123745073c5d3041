// Products of factors rounded to bfloat16, held against the reference, which rounds the same.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "rectify/activation/activation.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/product/product.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

constexpr const char* networks[] = {
    "19 : dense 33 | relu | dense 5",
    "19 : dense 36 | swiglu | dropout 0.3 | dense 40 | prelu | "
    "dense 24 | gelu | dense 5",
    "19 : dense 32 | residual(relu | dense 32) | dense_block(dense "
    "8) | gated(dense 40) | residual(dense 9 ; dense 9) | dense 5",
    "7x6x3 : conv 8 3x3 | relu | max_pool 2 | conv 5 3x3 stride=2 "
    "bias=no | gelu | conv 10 2x2 groups=5 | flatten | dense 5",
    "9x8x16 : conv 32 3x3 | relu | conv 32 3x3 groups=32 | relu | "
    "conv 16 1x1 | relu | global_avg_pool | dense 5",
    "8x8x6 : conv 8 3x3 bias=no | batch_norm | relu | "
    "residual(conv 8 3x3 bias=no | batch_norm | relu | conv 8 3x3 bias=no "
    "| batch_norm) | relu | max_pool 2 | conv 16 3x3 bias=no | batch_norm "
    "| leaky_relu | global_avg_pool | dense 5",
    "9x9x3 : conv 7 3x3 bias=no padding=valid | max_pool 3 stride=1 "
    "| batch_norm | silu | conv 9 2x2 padding=valid | relu6 | "
    "conv 5 3x3 | flatten | dense 5",
    "8x8x5 : conv 80 3x3 | relu | conv 24 3x2 stride=2x1 padding=3 "
    "dilation=2x3 | relu | global_avg_pool | dense 5",
    "9x8x16 : conv 32 5x5 stride=2 | relu | conv 48 3x3 dilation=2 bias=no | "
    "batch_norm | relu | conv 64 3x3 stride=1x2 padding=2 | relu | flatten | dense 5",
    "130 : dense 200 | top_k 0.05 | dense 150 | top_k 0.05 | dense 5"};

class Bfloat16 : public testing::Test {
  void SetUp() override {
    if (!cpu::can_compute_bfloat16())
      GTEST_SKIP() << "oneDNN has no products of bfloat16 for this processor";
  }
};

Network rounded(const char* text, std::int64_t batch, Draw how) {
  Network n = network(text, {"softmax_cross_entropy", Target::classes, 5}, batch, 1, how);
  n.bfloat16 = true;
  return n;
}

// A value near the middle between two neighbours may be rounded to another one than in double
// precision, so that this is wider than for floats; still a quarter of what no rounding would give.
TEST_F(Bfloat16, ValuesAndGradientsAreTheReferences) {
  ThreadPool threads(2);
  for (const char* text : networks)
    for (const std::int64_t batch : {1, 3, 37, 130}) {
      const Network n = rounded(text, batch, Draw::grid);
      for (const bool keep_all : {true, false}) {
        const reference::Values want = run_reference(n, true, {.seed = 7, .step = 3}, keep_all);
        for (const auto& [id, value] : run_on_cpu(n, threads, keep_all))
          EXPECT_LE(distance(value, want[id]), 5e-4)
              << text << ": " << graph::where(n.graph.node(id)) << " at batch " << batch;
      }
    }
}

TEST_F(Bfloat16, IsNotFloat) {
  ThreadPool threads(2);
  Network n = rounded("19 : dense 36 | gelu | dense 5", 37, Draw::normal);
  const Values narrow = run_on_cpu(n, threads, false);
  n.bfloat16 = false;
  const reference::Values exact = run_reference(n);
  for (const auto& [id, value] : narrow) {
    if (n.graph.node(id).op->loss) continue;
    EXPECT_GT(distance(value, exact[id]), 5e-4) << n.graph.node(id).label;
    EXPECT_LT(distance(value, exact[id]), 3e-2) << n.graph.node(id).label;
  }
}

TEST_F(Bfloat16, GivesTheSameBitsForAnyNumberOfThreads) {
  ThreadPool one(1), three(3);
  for (const char* text : {"301 : dense 777 | relu | dropout 0.4 | dense 521 | silu | dense 5",
                           "14x13x16 : conv 48 3x3 | relu | conv 64 5x5 stride=2 | silu | "
                           "max_pool 2 | conv 32 3x3 | flatten | dense 5"})
    for (const std::int64_t batch : {3, 130}) {
      const Network n = rounded(text, batch, Draw::normal);
      for (const bool keep_all : {true, false})
        EXPECT_EQ(run_on_cpu(n, one, keep_all), run_on_cpu(n, three, keep_all));
    }
}

TEST_F(Bfloat16, LeavesOutZerosWhereThatIsFasterThanItsProducts) {
  ThreadPool threads(2);
  std::int64_t left_out = 0;
  observe_steps([&](const StepProfile& step) { left_out += step.zeros.left_out; });
  run_on_cpu(
      rounded("300 : dense 800 | top_k 0.05 | dense 500 | relu | dense 5", 130, Draw::normal),
      threads, false);
  observe_steps({});
  if (cpu::has_amx_products())
    EXPECT_EQ(left_out, 0);
  else
    EXPECT_GT(left_out, 0);
}

// What run/cpu/ops/activate.cpp relies on.
TEST(Narrow, DerivativesOfZeroAndOneAreTheSameAtTheOutput) {
  int rows = 0;
  for (const activation::Row& row : activation::family()) {
    const activation::Parameters p = row.defaults();
    if (!row.from_output(p) || !row.mask_slope || !row.mask_slope(p)) continue;
    ++rows;
    for (double x = -12; x <= 12; x += 0.125) {
      const double y = row.value(x, p);
      EXPECT_EQ(row.slope(y, p), row.output_slope(y, p)) << row.name << " at " << x;
    }
  }
  EXPECT_GE(rows, 2) << "relu and relu6 at least";
}

/// Whether the kernels rounded x to y as to_bfloat16() does. The processor's instruction makes zero
/// of what is below the smallest normal number.
bool is_rounded(float x, bfloat16 y) {
  const bool is_zero = rounds_by_instruction && std::abs(x) < 0x1p-126f;
  return y.bits == to_bfloat16(is_zero ? std::copysign(0.0f, x) : x).bits;
}

TEST(ToBfloat16, RoundsAsTheScalarDoesWhateverTheLength) {
  std::vector<float> x = {0.0f,     -0.0f,     1e-45f,  -1e-39f,  1.00390625f, 1.01171875f,
                          INFINITY, -INFINITY, 3.4e38f, -3.4e38f, NAN,         65504};
  const Random random(1);
  for (std::uint64_t i = 0; x.size() < 70; ++i) x.push_back(static_cast<float>(random.normal(i)));
  for (std::size_t n = 0; n <= x.size(); ++n) {
    std::vector<bfloat16> y(x.size() + 1, bfloat16{7});
    cpu::loops().to_bfloat16(x.data(), y.data(), n);
    // What does not fill a vector goes through one as well.
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_TRUE(is_rounded(x[i], y[i])) << x[i] << " became " << to_float(y[i]);
    EXPECT_EQ(y[n].bits, 7) << "nothing is written behind the end";
  }
}

// Every bfloat16, and what lies around it: at, just off and half way to the next.
TEST(ToBfloat16, RoundsEverythingAsTheScalarDoes) {
  std::vector<float> x;
  for (std::uint32_t upper = 0; upper <= 0xffff; ++upper)
    for (const std::uint32_t lower : {0x0u, 0x1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
      x.push_back(std::bit_cast<float>(upper << 16 | lower));
  std::vector<bfloat16> y(x.size());
  cpu::loops().to_bfloat16(x.data(), y.data(), x.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i) wrong += !is_rounded(x[i], y[i]);
  EXPECT_EQ(wrong, 0u) << "of " << x.size();
}

TEST(ToBfloat16, LargestMagnitudeIsThatOfTheNumbers) {
  const auto largest = [](std::vector<float> values) {
    std::vector<bfloat16> narrow;
    for (const float v : values) narrow.push_back(to_bfloat16(v));
    return cpu::loops().largest_magnitude_bfloat16(narrow.data(), narrow.size());
  };
  EXPECT_EQ(largest({}), 0);
  EXPECT_EQ(largest({-0.0f, 1, -3, 2}), 3);
  EXPECT_EQ(largest({-INFINITY, 1}), INFINITY);
  EXPECT_TRUE(std::isnan(largest({INFINITY, NAN, 1})));
}

}  // namespace
}  // namespace rectify::run
