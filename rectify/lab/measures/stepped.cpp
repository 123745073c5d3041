// Rectified units as sums of binary ones (Nair & Hinton 2010, section 2): how far the sum of
// shifted sigmoids is from softplus, and samples of the sum from max(0, x + noise of variance
// sigmoid(x)).

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rectify/base/random.h"
#include "rectify/lab/measure.h"

namespace rectify::lab::ops {

namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// Mean and variance of max(0, x + n) with n normal of variance logistic(x): those of a normal
/// number cut off at 0.
struct Noisy {
  double mean, variance;
};
Noisy noisy_unit(double x) {
  const double variance = logistic(x), s = std::sqrt(variance), t = x / s;
  const double density = std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi);
  const double below = std::erfc(-t / std::numbers::sqrt2) / 2;
  const double mean = x * below + s * density;
  const double square = (x * x + variance) * below + x * s * density;
  return {mean, square - mean * mean};
}

struct Copies {
  double mean = 0, variance = 0;
};
/// Of the sum of `copies` binary units with inputs x - i + 1/2.
Copies stepped_unit(double x, int copies) {
  Copies sum;
  for (int i = 1; i <= copies; ++i) {
    const double p = logistic(x - i + 0.5);
    sum.mean += p;
    sum.variance += p * (1 - p);
  }
  return sum;
}

/// The mean of samples of the sum.
double sampled_mean(double x, int copies, int draws, const Random& random, std::uint64_t& at) {
  double sum = 0;
  for (int d = 0; d < draws; ++d)
    for (int i = 1; i <= copies; ++i) sum += random.uniform(at++) < logistic(x - i + 0.5) ? 1 : 0;
  return sum / draws;
}

/// A place and how much differs there.
struct Most {
  double gap = 0, at = 0;
  void see(double difference, double x) {
    if (std::abs(difference) <= gap) return;
    gap = std::abs(difference);
    at = x;
  }
};

Measured measure(const MeasureInput& input) {
  const int copies = input.get<int>("copies"), draws = input.get<int>("draws");
  const auto low = input.get<double>("low"), high = input.get<double>("high");
  constexpr int steps = 200;
  const Random random(input.seed, static_cast<std::uint32_t>(Stream::data));
  std::uint64_t at = 0;
  Most plus, mean, far, variance, sampled;
  report::LabSeries sums{.name = "sum of sigmoids"}, curve{.name = "softplus"},
      noisy{.name = "mean of max(0, x + noise)"}, spread{.name = "variance of the sum"},
      noisy_spread{.name = "variance of max(0, x + noise)"};
  for (int k = 0; k <= steps; ++k) {
    const double x = low + (high - low) * k / steps;
    const Copies copies_of = stepped_unit(x, copies);
    const Noisy unit = noisy_unit(x);
    plus.see(copies_of.mean - softplus(x), x);
    mean.see(copies_of.mean - unit.mean, x);
    if (std::abs(x) >= 4) far.see(copies_of.mean - unit.mean, x);
    variance.see(copies_of.variance - unit.variance, x);
    if (k % 10 == 0) {
      const double error = std::sqrt(copies_of.variance / draws);
      sampled.see((sampled_mean(x, copies, draws, random, at) - copies_of.mean) / error, x);
    }
    for (report::LabSeries* series : {&sums, &curve, &noisy, &spread, &noisy_spread})
      series->x.push_back(x);
    sums.y.push_back(copies_of.mean);
    curve.y.push_back(softplus(x));
    noisy.y.push_back(unit.mean);
    spread.y.push_back(copies_of.variance);
    noisy_spread.y.push_back(unit.variance);
  }
  return {.figures = {{"softplus_gap", plus.gap},
                      {"softplus_gap_at", plus.at},
                      {"mean_gap", mean.gap},
                      {"mean_gap_at", mean.at},
                      {"mean_gap_far", far.gap},
                      {"variance_gap", variance.gap},
                      {"variance_gap_at", variance.at},
                      {"sampled_errors", sampled.gap}},
          .series = {sums, curve, noisy, spread, noisy_spread}};
}

}  // namespace

std::span<const Measure> stepped() {
  static const Measure all[] = {
      {.name = "stepped",
       .summary = "sums of shifted binary units beside softplus and the noisy rectified unit",
       .options = {{"copies", 100, "binary units in a sum"},
                   {"draws", 2000, "samples of a sum, at 21 places"},
                   {"low", -8.0, "the lowest input"},
                   {"high", 12.0, "the highest"}},
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
