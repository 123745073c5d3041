// The kernels that do more than one thing in a pass, against doing the things one by one.

#include <gtest/gtest.h>

#include <cstring>

#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

constexpr std::size_t rows = 7;
const std::size_t widths[] = {1, 3, 8, 16, 17, 64, 67, 150};

/// Numbers with many zeros and both signs.
std::vector<float> numbers(std::size_t n) {
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i * 37 % 29 % 13) * 0.5f - 2;
  return x;
}

void for_each_kernel(auto&& check) {
  for (const Row& row : family()) {
    for (const std::string_view isa : instruction_sets()) check(row, isa, kernels(row, isa));
  }
}

TEST(Fused, BiasIsAddedBeforeTheRow) {
  for_each_kernel([](const Row& row, std::string_view isa, const Kernels& k) {
    for (const std::size_t columns : widths) {
      std::vector<float> x = numbers(rows * columns), y(x.size()), want(x.size());
      const std::vector<float> bias = numbers(columns);
      k.forward_bias(x.data(), bias.data(), y.data(), rows, columns, row.defaults());
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += bias[i % columns];
      k.forward(x.data(), want.data(), x.size(), row.defaults());
      EXPECT_TRUE(same_bits(y, want)) << row.name << " " << isa << " " << columns;
    }
  });
}

TEST(Fused, CountsAreThoseOfTheValues) {
  for_each_kernel([](const Row& row, std::string_view isa, const Kernels& k) {
    for (const std::size_t columns : widths) {
      const std::vector<float> x = numbers(rows * columns);
      std::vector<float> y(x.size()), want(x.size());
      std::vector<std::uint32_t> zeros(columns, 5), firing(columns, 9);
      k.forward_counted(x.data(), y.data(), rows, columns, zeros.data(), firing.data(),
                        row.defaults());
      k.forward(x.data(), want.data(), x.size(), row.defaults());
      EXPECT_TRUE(same_bits(y, want)) << row.name << " " << isa << " " << columns;
      for (std::size_t c = 0; c < columns; ++c) {
        std::uint32_t zero = 5, above = 9;
        for (std::size_t r = 0; r < rows; ++r) {
          zero += want[r * columns + c] == 0;
          above += want[r * columns + c] > 0;
        }
        EXPECT_EQ(zeros[c], zero) << row.name << " " << isa << " " << columns;
        EXPECT_EQ(firing[c], above) << row.name << " " << isa << " " << columns;
      }
    }
  });
}

TEST(Fused, AMaskGivesTheSameBackwardPass) {
  int rows_with_mask = 0;
  for_each_kernel([&](const Row& row, std::string_view isa, const Kernels& k) {
    EXPECT_EQ(k.forward_mask == nullptr, k.backward_mask == nullptr);
    EXPECT_EQ(k.forward_mask != nullptr, row.mask_slope(row.defaults())) << row.name;
    if (!k.forward_mask) return;
    ++rows_with_mask;
    for (const std::size_t n : widths) {
      const std::vector<float> x = numbers(n);
      std::vector<float> dy = numbers(n + 1), y(n), want(n), dx(n), want_dx(n);
      std::vector<std::uint8_t> mask((n + 7) / 8 + 1, 0xab);
      k.forward_mask(x.data(), y.data(), mask.data(), n, row.defaults());
      k.backward_mask(mask.data(), dy.data() + 1, dx.data(), n);
      k.forward(x.data(), want.data(), n, row.defaults());
      k.backward(x.data(), dy.data() + 1, want_dx.data(), n, row.defaults());
      EXPECT_TRUE(same_bits(y, want)) << row.name << " " << isa << " " << n;
      EXPECT_EQ(dx, want_dx) << row.name << " " << isa << " " << n;
      EXPECT_EQ(mask.back(), 0xab) << row.name << " " << isa << " " << n;
      if (n % 8) {
        EXPECT_EQ(mask[n / 8] >> n % 8, 0) << row.name << " " << isa << " " << n;
      }
    }
  });
  EXPECT_GT(rows_with_mask, 4);
  EXPECT_TRUE(find("relu").mask_slope({1}));
  EXPECT_FALSE(find("relu").mask_slope({0.5}));
}

TEST(Fused, AMaskLetsTheGradientOfANaNThrough) {
  const Kernels& k = kernels(find("relu"));
  const float x = NAN, dy = 3;
  float y, dx;
  std::uint8_t mask;
  k.forward_mask(&x, &y, &mask, 1, find("relu").defaults());
  k.backward_mask(&mask, &dy, &dx, 1);
  EXPECT_TRUE(std::isnan(y));
  EXPECT_EQ(dx, 3);
}

}  // namespace
}  // namespace rectify::activation
