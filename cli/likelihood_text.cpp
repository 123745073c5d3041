#include "cli/likelihood_text.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::cli {

namespace {

struct EnergySummary {
  double mean = 0, deviation = 0, low, high;
};

EnergySummary summary_of(std::span<const double> energies) {
  EnergySummary summary{.low = std::ranges::min(energies), .high = std::ranges::max(energies)};
  const auto n = static_cast<double>(energies.size());
  for (const double energy : energies) summary.mean += energy / n;
  for (const double energy : energies)
    summary.deviation += (energy - summary.mean) * (energy - summary.mean) / n;
  summary.deviation = std::sqrt(summary.deviation);
  return summary;
}

Json json_of_estimate(const pretrain::LogPartitionEstimate& estimate) {
  return {{"log_partition", estimate.log_z},
          {"low", estimate.low},
          {"high", estimate.high},
          {"effective_chains", estimate.effective_chains}};
}

/// "-85.31 (-85.40 to -85.22), log Z 451.22".
std::string estimate_text(const pretrain::LogLikelihood& l,
                          const pretrain::LogPartitionEstimate& z) {
  return concat(fixed_text(l.of(z.log_z), 2), " (", fixed_text(l.of(z.high), 2), " to ",
                fixed_text(l.of(z.low), 2), "), log Z ", fixed_text(z.log_z, 2));
}

/// ", 87 of 100 chains count".
std::string chains_text(const pretrain::LogPartitionEstimate& z) {
  return concat(", ", fixed_text(z.effective_chains, 0), " of ", z.of_chain.size(),
                " chains count\n");
}

}  // namespace

Json json_of_energies(const std::string& spec, std::span<const double> energies) {
  const EnergySummary s = summary_of(energies);
  return {{"data", spec},
          {"samples", energies.size()},
          {"free_energy",
           {{"mean", s.mean}, {"deviation", s.deviation}, {"low", s.low}, {"high", s.high}}}};
}

std::string energies_text(const std::string& spec, std::span<const double> energies) {
  const EnergySummary s = summary_of(energies);
  return concat("free energy of ", count_text(static_cast<std::int64_t>(energies.size())),
                " samples of ", spec, ": mean ", fixed_text(s.mean, 3), ", deviation ",
                fixed_text(s.deviation, 3), ", from ", fixed_text(s.low, 3), " to ",
                fixed_text(s.high, 3), "\n");
}

Json json_of_likelihood(const pretrain::LogLikelihood& l) {
  if (l.exact) return {{"method", "exact"}, {"mean", l.of(*l.exact)}, {"log_partition", *l.exact}};
  return {{"method", "ais"},
          {"mean", l.of(l.forward.log_z)},
          {"mean_reverse", l.of(l.reverse.log_z)},
          {"mean_raise", l.of(l.raise.log_z)},
          {"forward", json_of_estimate(l.forward)},
          {"reverse", json_of_estimate(l.reverse)},
          {"raise", json_of_estimate(l.raise)}};
}

std::string likelihood_text(const pretrain::LogLikelihood& l) {
  if (l.exact)
    return concat("log-likelihood, mean: ", fixed_text(l.of(*l.exact), 3), " nats (exact, log Z ",
                  fixed_text(*l.exact, 3), ")\n");
  return concat("log-likelihood, mean in nats, estimated by annealing:\n",
                "  forward, mostly too high: ", estimate_text(l, l.forward), chains_text(l.forward),
                "  back from the machine's samples, mostly too low: ", estimate_text(l, l.reverse),
                chains_text(l.reverse), "  back from ", l.raise.of_chain.size(),
                " of the samples (RAISE), a lower bound on average: ", estimate_text(l, l.raise),
                "\n");
}

}  // namespace rectify::cli
