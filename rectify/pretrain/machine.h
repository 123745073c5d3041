#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/activation/unit.h"
#include "rectify/base/thread_pool.h"

namespace rectify::pretrain {

/// A restricted Boltzmann machine. Between visible units v and hidden units h it has the energy
/// -v W h - b v - c h, plus v²/2 for each gaussian unit. Given v, the hidden units are independent
/// with total inputs x = v W + c; given h, the visible ones with total inputs h W^T + b.
///
/// Gaussian visible units may have variances s² of their own. The energy then is
/// -(v / s²) W h - c h plus (v - b)²/(2 s²) for each of them: given v, x = (v / s²) W + c; given h,
/// v is normal with the mean h W^T + b and the variance s² (Cho, Ilin & Raiko 2011).
///
/// The functions below throw Error for weights, biases or variances whose sizes do not fit each
/// other, and for numbers that are not whole rows of units.
struct Machine {
  const activation::Unit* visible = nullptr;
  const activation::Unit* hidden = nullptr;
  int copies = 1;                    ///< of each hidden unit, where its type has copies
  std::vector<float> weight;         ///< W, visible x hidden, row-major
  std::vector<float> visible_bias;   ///< b
  std::vector<float> hidden_bias;    ///< c
  std::vector<float> variance = {};  ///< s² of each visible unit; empty: 1

  std::size_t visible_units() const { return visible_bias.size(); }
  std::size_t hidden_units() const { return hidden_bias.size(); }
};

/// Whether the machine's free energy is known: its visible units are binary or gaussian.
bool has_free_energy(const Machine& machine);

/// The machine of v / s, whose visible units have the variance 1: its weights and visible biases
/// are those of `machine` over s.
Machine standardised(const Machine& machine);

/// Each row of visible units over s.
std::vector<float> standardised_rows(const Machine& machine, std::span<const float> visible);

/// The sum of ln s: by so much is the logarithm of a partition function larger than that of the
/// machine of v / s.
double log_deviations(const Machine& machine);

/// The total inputs of the hidden units, rows x hidden, for rows of visible units.
std::vector<float> hidden_inputs(const Machine& machine, std::span<const float> visible,
                                 ThreadPool& threads);

/// The total inputs of the visible units, which are the means of gaussian ones: rows x visible, for
/// rows of hidden units.
std::vector<float> visible_inputs(const Machine& machine, std::span<const float> hidden,
                                  ThreadPool& threads);

/// F(v) for each row of visible units: exp(-F(v)) is v's probability times the partition function.
/// With a gaussian unit's normalisation left in: F has the term (v - b)²/(2 s²) for it. Rectified
/// hidden units count as the binary copies that they stand for (activation::Unit::free_energy).
/// Throws Error unless has_free_energy().
///
///     const double anomaly = free_energies(machine, sample, threads)[0];  // high: unlike the data
std::vector<double> free_energies(const Machine& machine, std::span<const float> visible,
                                  ThreadPool& threads);

}  // namespace rectify::pretrain
