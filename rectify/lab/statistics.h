#pragma once

#include <string>
#include <vector>

namespace rectify::lab {

struct Spread {
  double mean = 0;
  double sd = 0;  ///< standard deviation, with n - 1; NaN for fewer than two values
};
Spread spread(const std::vector<double>& values);

/// Two-sided p value of Student's t with `degrees` >= 1 degrees of freedom.
double t_test_p(double t, double degrees);

/// The t for which t_test_p(t, degrees) is `p`, 0 < p < 1.
double t_quantile(double p, double degrees);

/// b - a over the same seeds: mean, 95 % interval and two-sided p value of the paired t test
/// (Student 1908). Needs at least two pairs; p is 1 when all differences are 0.
struct PairedDifference {
  double mean = 0, low = 0, high = 0, p = 1;
};
PairedDifference paired_difference(const std::vector<double>& a, const std::vector<double>& b);

/// The p values, adjusted for several comparisons (Holm 1979), in the given order.
std::vector<double> holm(const std::vector<double>& p);

}  // namespace rectify::lab
