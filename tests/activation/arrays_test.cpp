#include "rectify/activation/arrays.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "rectify/activation/kernels.h"
#include "rectify/base/error.h"

namespace rectify::activation {
namespace {

std::string message(auto&& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Arrays, ForwardAndBackwardOfEveryRowByName) {
  const std::vector<float> x = {-3, -0.5f, 0.25f, 2}, dy = {1, 2, -1, 0.5f};
  std::vector<float> y(4), dx(4);
  for (const Row& row : family()) {
    forward(row.name, x, y);
    backward(row.name, x, dy, dx);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(y[i], row.value(x[i], row.defaults()), 2e-6) << row.name;
      EXPECT_NEAR(dx[i], dy[i] * row.slope(x[i], row.defaults()), 2e-6) << row.name;
    }
  }
}

TEST(Arrays, WorkInPlaceAndOnNothing) {
  std::vector<float> x = {-1, 0, 1};
  forward("silu", x, x);
  EXPECT_NEAR(x[2], 0.731058579, 1e-6);
  forward("silu", std::span<const float>{}, std::span<float>{});
}

TEST(Arrays, TakeParameters) {
  const Row& leaky = find("leaky_relu");
  const std::vector<float> x = {-2};
  std::vector<float> y(1);
  forward(leaky, {0.5}, x, y);
  EXPECT_EQ(y[0], -1);
  EXPECT_EQ(message([&] { forward(leaky, {2}, x, y); }),
            "leaky_relu: a = 2 is not between 0 and 1");
  EXPECT_EQ(message([&] { forward(leaky, {NAN}, x, y); }),
            "leaky_relu: a = nan is not between 0 and 1");
}

TEST(Arrays, SayWhatDoesNotFit) {
  const std::vector<float> x(3), dy(2);
  std::vector<float> y(2), dx(3);
  EXPECT_EQ(message([&] { forward("relu", x, y); }),
            "relu: y has 2 elements but x has 3; make them equal");
  EXPECT_EQ(message([&] { backward("relu", x, dy, dx); }),
            "relu: dy has 2 elements but x has 3; make them equal");
  EXPECT_EQ(message([&] { forward("rleu", x, dx); }),
            "unknown activation 'rleu'; did you mean 'relu'?");
}

/// Whether y is what rounding gives; or zero where the processor's own instruction makes it so.
bool is_rounded(float x, bfloat16 y) {
  const bool may_be_zero = rounds_by_instruction && std::abs(x) < 0x1p-126f;
  return y.bits == to_bfloat16(x).bits || (may_be_zero && to_float(y) == 0);
}

TEST(Arrays, Bfloat16IsTheFloatResultRoundedOnce) {
  std::vector<bfloat16> x, dy;
  std::vector<float> wide, wide_dy;
  for (std::uint32_t bits = 0; bits < 0x10000; bits += 7) {
    x.push_back({static_cast<std::uint16_t>(bits)});
    dy.push_back(to_bfloat16(static_cast<float>(bits % 5) - 2.5f));
    wide.push_back(to_float(x.back()));
    wide_dy.push_back(to_float(dy.back()));
  }
  std::vector<bfloat16> y(x.size()), dx(x.size());
  std::vector<float> want(x.size()), want_dx(x.size());
  for (const Row& row : family()) {
    for (const std::string_view isa : instruction_sets()) {
      const Kernels& k = kernels(row, isa);
      const Parameters p = row.defaults();
      k.forward_bfloat16(x.data(), y.data(), x.size(), p);
      k.backward_bfloat16(x.data(), dy.data(), dx.data(), x.size(), p);
      k.forward(wide.data(), want.data(), x.size(), p);
      k.backward(wide.data(), wide_dy.data(), want_dx.data(), x.size(), p);
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(want[i])) {
          EXPECT_TRUE(std::isnan(to_float(y[i]))) << row.name;
        } else {
          EXPECT_TRUE(is_rounded(want[i], y[i])) << row.name << " " << isa << wide[i];
        }
        if (!std::isnan(want_dx[i])) {
          EXPECT_TRUE(is_rounded(want_dx[i], dx[i])) << row.name << " " << isa << wide[i];
        }
      }
    }
  }
  forward("gelu", x, y);
  backward("gelu", x, dy, dx);
  EXPECT_THROW(forward("gelu", std::span(x).first(2), y), Error);
}

}  // namespace
}  // namespace rectify::activation
