#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/base/thread_pool.h"
#include "rectify/pretrain/machine.h"

namespace rectify::pretrain {

struct AnnealingOptions {
  int chains = 100;
  int temperatures = 10000;  ///< steps from the base-rate model to the machine
  std::uint64_t seed = 1;
};

/// An estimate of a logarithmic partition function from independent weights.
struct LogPartitionEstimate {
  double log_z = 0;
  double low = 0, high = 0;     ///< three standard deviations of the weights' mean either side
  double effective_chains = 0;  ///< (sum of weights)² / sum of their squares: few: do not trust it
  std::vector<double> of_chain;  ///< the logarithm of each chain's own estimate
};

/// Annealed importance sampling (Neal 2001; Salakhutdinov & Murray 2008) between a model without
/// hidden units, whose visible biases fit the data's means, and a machine. The model in between, at
/// 0 <= beta <= 1, has the visible biases (1 - beta) b0 + beta b and the hidden inputs
/// beta (v W + c); hidden units keep their type, and rectified ones are their binary copies.
///
///     Annealing annealing(machine, means, {.chains = 100, .temperatures = 1000}, threads);
///     const LogPartitionEstimate z = annealing.forward();  // mostly a little too low
///     const LogPartitionEstimate top = annealing.reverse_from_model();  // mostly a little too
///     high
///
/// The same options give the same bits for any number of threads.
class Annealing {
 public:
  /// `mean` has the mean of each visible unit over the data; empty: 1/2 of binary units, 0 of
  /// gaussian ones. The machine and the pool must outlive it. Throws Error for other visible units,
  /// and for options below 1.
  Annealing(const Machine& machine, std::span<const double> mean, AnnealingOptions options,
            ThreadPool& threads);

  /// From the base-rate model to the machine. The mean of the weights is the partition function
  /// without bias, so the logarithm is on average at most log Z: a lower bound, in expectation.
  LogPartitionEstimate forward(const ProgressCallback& progress = {});

  /// From samples of the machine back to the base-rate model: their weights have the mean 1 / Z, so
  /// that the estimate is on average at least log Z. That holds for exact samples. These are the
  /// ends of the forward chains, drawn anew by their weights, after as many steps of Gibbs sampling
  /// as there are temperatures, at most 1,000. Runs forward() where that has not been run.
  LogPartitionEstimate reverse_from_model(const ProgressCallback& progress = {});

  /// The same from given rows of visible units, one chain each: log z of each row is such that
  /// -F(v) - log z is, in expectation, a lower bound on log p(v) under the model from which
  /// forward() draws its ends, which is nearly the machine (RAISE: Burda, Grosse & Salakhutdinov
  /// 2015). `log_z` is the mean of the rows' own, `low` and `high` are three standard deviations of
  /// that mean away.
  LogPartitionEstimate reverse_from(std::span<const float> rows,
                                    const ProgressCallback& progress = {});

 private:
  double beta(int step) const;
  LogPartitionEstimate of_given(LogPartitionEstimate estimate) const;
  /// reverse_from() of machine_.
  LogPartitionEstimate back_from(std::span<const float> rows, const ProgressCallback& progress);

  const Machine& given_;
  const Machine machine_;  ///< that of visible units over their deviations
  const AnnealingOptions options_;
  ThreadPool& threads_;
  const std::vector<float> base_bias_;
  std::vector<float> ends_;          ///< visible units of the forward chains
  std::vector<double> log_weights_;  ///< theirs
};

}  // namespace rectify::pretrain
