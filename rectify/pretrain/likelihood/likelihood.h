#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "rectify/pretrain/likelihood/annealing.h"

namespace rectify::pretrain {

/// How a partition function is found: by enumeration, by annealing, or exactly where that is
/// possible and by annealing elsewhere.
enum class LikelihoodMethod { automatic, exact, ais };
constexpr std::array<std::string_view, 3> names_of(LikelihoodMethod) {
  return {"auto", "exact", "ais"};
}

/// The mean of ln p(v) over rows of visible units, in nats.
struct LogLikelihood {
  double mean_free_energy = 0;
  /// The exact partition function; nothing: annealing found the three that follow.
  std::optional<double> exact;
  LogPartitionEstimate forward;  ///< on average at most log Z
  LogPartitionEstimate reverse;  ///< from the machine's own samples: on average at least log Z
  LogPartitionEstimate raise;    ///< from rows of the data (Annealing::reverse_from)

  double of(double log_z) const { return -mean_free_energy - log_z; }
};

/// `mean` as for Annealing. At most options.chains rows, at equal distances, are where `raise`
/// starts. Throws Error where `method` cannot do it, for binary visible units that are neither 0
/// nor 1, and as Annealing does.
LogLikelihood log_likelihood(const Machine& machine, std::span<const float> visible,
                             std::span<const double> mean, LikelihoodMethod method,
                             const AnnealingOptions& options, ThreadPool& threads,
                             const ProgressCallback& progress = {});

/// What to make of numbers between 0 and 1, of which a machine of binary visible units has free
/// energies but no likelihood: leave them, take 1 from 1/2 on, or draw 1 with that probability.
enum class Binarise { no, half, draw };
constexpr std::array<std::string_view, 3> names_of(Binarise) { return {"no", "half", "draw"}; }
void binarise(std::span<float> numbers, Binarise how, std::uint64_t seed);

/// How well free energies tell unusual samples from usual ones: the probability that an unusual one
/// has the higher, where a tie counts half (the area under the ROC curve). 1/2: not at all. Neither
/// is empty.
double separation(std::span<const double> usual, std::span<const double> unusual);

}  // namespace rectify::pretrain
