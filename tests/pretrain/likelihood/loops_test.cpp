// The loops of the instruction set in force against sums in double precision.
#include "rectify/pretrain/likelihood/loops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "rectify/base/random.h"

namespace rectify::pretrain {
namespace {

double softplus_in_double(double x) {
  return std::fmax(0, x) + std::log1p(std::exp(-std::fabs(x)));
}

std::vector<float> normal_numbers(std::size_t n, double deviation, std::uint64_t seed) {
  std::vector<float> x;
  for (std::size_t i = 0; i < n; ++i)
    x.push_back(static_cast<float>(deviation * Random(seed).normal(i)));
  return x;
}

// Lengths below a vector, of whole vectors and blocks, and beyond.
constexpr std::size_t lengths[] = {1, 3, 7, 16, 17, 128, 500, 784, 1100};

TEST(LikelihoodLoops, SumSoftplus) {
  for (const std::size_t n : lengths)
    for (const double deviation : {0.1, 3.0, 60.0}) {
      const std::vector<float> x = normal_numbers(n, deviation, n);
      double want = 0;
      for (const float v : x) want += softplus_in_double(v);
      EXPECT_NEAR(likelihood_loops().softplus_sum(x.data(), n), want, 4e-7 * want + 1e-30) << n;
    }
}

TEST(LikelihoodLoops, SumGainsAsExactlyAsTheyAreSmall) {
  for (const std::size_t n : lengths)
    for (const auto& [from, to] : {std::pair{0.0, 1e-4}, {0.5, 0.5001}, {0.0, 1.0}, {0.9, 1.0}}) {
      // Inputs of one sign: gains then do not cancel, and the bound is relative.
      std::vector<float> x = normal_numbers(n, 8, n);
      for (const bool positive : {true, false}) {
        double want = 0;
        for (float& v : x) {
          v = positive ? std::fabs(v) : -std::fabs(v);
          const double a = from * v, d = (to - from) * v;
          want += std::log1p(std::expm1(d) / (1 + std::exp(-a)));
        }
        EXPECT_NEAR(likelihood_loops().softplus_gain(x.data(), n, from, to), want,
                    2e-6 * std::fabs(want))
            << n << ' ' << from << ' ' << to << ' ' << positive;
      }
    }
}

TEST(LikelihoodLoops, MultiplyAndScale) {
  for (const std::size_t n : lengths) {
    const std::vector<float> a = normal_numbers(n, 1, 1), b = normal_numbers(n, 1, 2);
    double want = 0, size = 0;
    for (std::size_t i = 0; i < n; ++i) {
      want += static_cast<double>(a[i]) * b[i];
      size += std::fabs(static_cast<double>(a[i]) * b[i]);
    }
    EXPECT_NEAR(likelihood_loops().dot(a.data(), b.data(), n), want, 1e-6 * size);
    std::vector<float> y = a;
    likelihood_loops().scaled(y.data(), b.data(), 0.25f, y.data(), n);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(y[i], 0.25 * a[i] + b[i], 1e-6);
  }
}

}  // namespace
}  // namespace rectify::pretrain
