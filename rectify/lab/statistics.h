#pragma once

#include <string>
#include <vector>

namespace rectify::lab {

struct Spread {
  double mean = 0;
  double sd = 0;  ///< standard deviation, with n - 1; NaN for fewer than two values
};
Spread spread(const std::vector<double>& values);

/// Whether `difference` is so small beside the numbers from which it was computed that their
/// rounding explains it: as doubles 7 / 30 - 6 / 30 and 6 / 30 - 5 / 30 are not the same. The limit
/// is a thousand millionth of the largest, below which no error in fewer than as many samples lies.
bool is_rounding(double difference, const std::vector<double>& numbers);

/// Two-sided p value of Student's t with `degrees` >= 1 degrees of freedom.
double t_test_p(double t, double degrees);

/// The t for which t_test_p(t, degrees) is `p`, 0 < p < 1.
double t_quantile(double p, double degrees);

/// b - a over the same seeds: mean, interval of `level` and two-sided p value of the paired t test
/// (Student 1908). The interval leaves out 0 exactly when p is below 1 - level. Needs at least two
/// pairs; p is 1 when all differences are 0. Where all are the same but for rounding, so that there
/// is no spread, p is that of the sign test, 2 / 2^n, and an interval that has 0 in it goes as far
/// to the other side.
struct PairedDifference {
  double mean = 0, low = 0, high = 0, p = 1;
  double level = 0.95;
};
PairedDifference paired_difference(const std::vector<double>& a, const std::vector<double>& b,
                                   double level = 0.95);

/// The p values, adjusted for several comparisons (Holm 1979), in the given order.
std::vector<double> holm(const std::vector<double>& p);

/// The differences between `a` and each of several rivals, where p is Holm-corrected at 5 % and the
/// interval is of the level at which Holm's procedure tested that rival: of m rivals 1 - 0.05 / m
/// for the one with the lowest p, 1 - 0.05 / (m - 1) for the next, and so on; from the first on
/// that is not told apart, the level stays. So the interval leaves out 0 exactly when p is below
/// 0.05.
std::vector<PairedDifference> corrected_differences(const std::vector<double>& a,
                                                    const std::vector<std::vector<double>>& rivals);

}  // namespace rectify::lab
