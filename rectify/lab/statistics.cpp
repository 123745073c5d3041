#include "rectify/lab/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "rectify/base/error.h"

namespace rectify::lab {

Spread spread(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {mean, n < 2 ? std::nan("") : std::sqrt(squares / (n - 1))};
}

bool is_rounding(double difference, const std::vector<double>& numbers) {
  double largest = 0;
  for (const double number : numbers) largest = std::max(largest, std::abs(number));
  return std::abs(difference) <= 1e-9 * largest;
}

// P(|T| > t) = 2 / B(1/2, k/2) * integral of sin^(k-1) over [0, atan(sqrt(k)/t)]: the substitution
// T = sqrt(k) / tan(angle) turns the heavy tail into a finite, smooth integral.
double t_test_p(double t, double degrees) {
  t = std::abs(t);
  if (std::isinf(t)) return 0;
  const double upper = std::atan2(std::sqrt(degrees), t);
  constexpr int intervals = 2000;  // Simpson
  const double h = upper / intervals;
  const auto f = [&](double angle) { return std::pow(std::sin(angle), degrees - 1); };
  double sum = f(0) + f(upper);
  for (int i = 1; i < intervals; ++i) sum += f(i * h) * (i % 2 ? 4 : 2);
  const double log_beta =
      std::lgamma(0.5) + std::lgamma(degrees / 2) - std::lgamma((degrees + 1) / 2);
  return std::min(1.0, 2 * sum * h / 3 * std::exp(-log_beta));
}

double t_quantile(double p, double degrees) {
  double low = 0, high = 1;
  while (t_test_p(high, degrees) > p) high *= 2;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (t_test_p(middle, degrees) > p ? low : high) = middle;
  }
  return (low + high) / 2;
}

namespace {

/// Of n equal differences, as those of error rates on few samples often are: they have no spread
/// for a t test. That all have one sign has the probability 2 / 2^n by chance (the sign test).
PairedDifference without_spread(double difference, double n, double level) {
  const double p = difference == 0 ? 1 : std::exp2(1 - n);
  const bool told = p < 1 - level;
  return {difference, told ? difference : std::min(0.0, 2 * difference),
          told ? difference : std::max(0.0, 2 * difference), p, level};
}

}  // namespace

PairedDifference paired_difference(const std::vector<double>& a, const std::vector<double>& b,
                                   double level) {
  if (a.size() != b.size() || a.size() < 2) fail("a paired comparison needs two pairs at least");
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences[i] = b[i] - a[i];
  const Spread s = spread(differences);
  const double n = static_cast<double>(a.size()), error = s.sd / std::sqrt(n);
  const auto rounding = [&](double x) { return is_rounding(x, a) || is_rounding(x, b); };
  if (rounding(s.sd)) return without_spread(rounding(s.mean) ? 0 : s.mean, n, level);
  const double reach = t_quantile(1 - level, n - 1) * error;
  return {s.mean, s.mean - reach, s.mean + reach, t_test_p(s.mean / error, n - 1), level};
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> adjusted(p.size());
  double floor = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    floor = std::max(floor, std::min(1.0, p[order[rank]] * static_cast<double>(p.size() - rank)));
    adjusted[order[rank]] = floor;
  }
  return adjusted;
}

std::vector<PairedDifference> corrected_differences(
    const std::vector<double>& a, const std::vector<std::vector<double>>& rivals) {
  constexpr double chance = 0.05;
  std::vector<double> p;
  for (const std::vector<double>& rival : rivals) p.push_back(paired_difference(a, rival).p);
  const std::vector<double> adjusted = holm(p);
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<PairedDifference> all(p.size());
  auto left = static_cast<double>(p.size());  // rivals that are not told apart yet
  for (const std::size_t i : order) {
    all[i] = paired_difference(a, rivals[i], 1 - chance / left);
    all[i].p = adjusted[i];
    if (adjusted[i] < chance) --left;
  }
  return all;
}

}  // namespace rectify::lab
