#pragma once

#include <span>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/pretrain/machine.h"

namespace rectify::pretrain {

/// The logarithm of a machine's partition function: of the sum, or for gaussian visible units the
/// integral, of exp(-F(v)) over all v (free_energies()). It is exact up to the rounding of float
/// products.
///
/// All states of the visible or of the hidden units are enumerated, whichever are fewer; they may
/// be 2^25 at most, so 25 binary units. A machine of 784 visible and 16 hidden units takes a tenth
/// of a second. A machine of gaussian units on both sides is one normal distribution, of any size.
double exact_log_partition(const Machine& machine, ThreadPool& threads);

/// Whether it can be had: by the types of units and their number.
bool has_exact_log_partition(const Machine& machine);

/// Derivatives of a mean log-likelihood.
struct LikelihoodGradient {
  std::vector<double> weight;  ///< visible x hidden
  std::vector<double> visible_bias, hidden_bias;
  std::vector<double> log_variance = {};  ///< where units have variances of their own
};

/// The exact gradient of the mean log-likelihood of some rows of visible units: their statistics
/// less those of all states. For small machines, such as tests hold samples against. Throws Error
/// as exact_log_partition(), and for gaussian units on both sides.
LikelihoodGradient exact_gradient(const Machine& machine, std::span<const float> visible,
                                  ThreadPool& threads);

}  // namespace rectify::pretrain
