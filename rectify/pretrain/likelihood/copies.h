#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace rectify::pretrain {

/// How many of the binary copies of a rectified unit are on. The copies i = 1 ... N have the inputs
/// x - i + 1/2, so k of them are on with a probability in proportion to exp(k x) times the sum,
/// over all choices of k copies, of exp(-(i - 1/2)) for each: exp(k x - k²/2) times Gauss's
/// binomial coefficient (N, k) to the base 1/e. N may be infinite.
///
///     const CopyCount count(6);                  // a unit `stepped copies=6`
///     const double k = count.sample(2.5, 0.3);  // 0 to 6, mostly 2 or 3; 0.3 is a uniform number
class CopyCount {
 public:
  /// N, at least 1; infinity for the copies of noisy rectified units.
  explicit CopyCount(double copies);

  /// The sum of ln(1 + exp(x - i + 1/2)) over all copies: the unit's share of a negative free
  /// energy. Takes the same time for any x and N.
  double log_sum(double x) const;
  /// Its derivative: the mean of k.
  double mean(double x) const;
  /// The k at which the distribution passes `uniform`, from (0, 1).
  double sample(double x, double uniform) const;
  /// The logarithm of the weight of k when x is 0; k at most N.
  double log_weight(double k) const;

 private:
  /// The weights of the numbers around the likeliest, which has weight 1.
  struct Window {
    std::array<double, 32> weight;
    double first, likeliest;
    std::size_t count;
    double rest;  ///< of all weights but the likeliest's
  };
  Window window(double x) const;
  double log_choose(double k) const;
  double choose_ratio(double k) const;  ///< (N, k + 1) over (N, k)

  double copies_;
  std::vector<double> log_choose_;  ///< to the last k at which it changes
  std::vector<double> ratio_;
};

}  // namespace rectify::pretrain
