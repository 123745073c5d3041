#include "rectify/pretrain/likelihood/annealing.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/pretrain/likelihood/chains.h"

namespace rectify::pretrain {

namespace {

/// Seeds of the parts, so that none has another's random numbers.
constexpr std::uint64_t apart = 0x9E3779B97F4A7C15;

std::vector<float> base_biases(const Machine& machine, std::span<const double> mean) {
  const bool binary = machine.visible->name == "binary";
  std::vector<float> biases(machine.visible_units());
  if (mean.empty()) return biases;
  for (std::size_t i = 0; i < biases.size(); ++i) {
    constexpr double edge = 0.01;
    const double p = std::clamp(mean[i], edge, 1 - edge);
    const double s = machine.variance.empty() ? 1 : std::sqrt(machine.variance[i]);
    biases[i] = static_cast<float>(binary ? std::log(p / (1 - p)) : mean[i] / s);
  }
  return biases;
}

AnnealingOptions checked_annealing(const Machine& machine, std::span<const double> mean,
                                   const AnnealingOptions& options) {
  if (!has_free_energy(machine))
    fail("the likelihood of a machine with ", machine.visible->name,
         " visible units is not known; only of binary and gaussian ones");
  if (!mean.empty() && mean.size() != machine.visible_units())
    fail("the machine has ", machine.visible_units(), " visible units, but the data ", mean.size(),
         " means");
  if (options.chains < 2) fail("chains must be 2 or more, not ", options.chains);
  if (options.temperatures < 1) fail("temperatures must be 1 or more, not ", options.temperatures);
  return options;
}

struct LogMean {
  double value;
  double deviation;  ///< of the mean, over the mean
  double effective;
};
LogMean log_mean(std::span<const double> logs) {
  const double top = std::ranges::max(logs), n = static_cast<double>(logs.size());
  double sum = 0, squares = 0;
  for (const double l : logs) {
    const double w = std::exp(l - top);
    sum += w;
    squares += w * w;
  }
  const double mean = sum / n, variance = std::max(0.0, squares / n - mean * mean) * n / (n - 1);
  return {top + std::log(mean), std::sqrt(variance / n) / mean, sum * sum / squares};
}

/// Shows how far `done` of `all` steps are, now and then.
void tell_annealing(const ProgressCallback& progress, const char* what, std::size_t done,
                    std::size_t all) {
  if (!progress || done % 50 != 0) return;
  progress({.text = concat(what, ", step ", count_text(static_cast<std::int64_t>(done)), " of ",
                           count_text(static_cast<std::int64_t>(all))),
            .done = static_cast<double>(done) / static_cast<double>(all)});
}

/// Numbers of chains drawn by their weights, at equal distances along their sum (systematic
/// resampling; Kitagawa 1996).
std::vector<std::size_t> drawn_by_weight(std::span<const double> log_weights, double uniform) {
  const double top = std::ranges::max(log_weights);
  double sum = 0;
  for (const double l : log_weights) sum += std::exp(l - top);
  std::vector<std::size_t> drawn;
  const double step = sum / static_cast<double>(log_weights.size());
  double passed = 0;
  for (std::size_t i = 0; i < log_weights.size(); ++i) {
    passed += std::exp(log_weights[i] - top);
    while (drawn.size() < log_weights.size() &&
           (static_cast<double>(drawn.size()) + uniform) * step < passed)
      drawn.push_back(i);
  }
  while (drawn.size() < log_weights.size()) drawn.push_back(log_weights.size() - 1);
  return drawn;
}

}  // namespace

Annealing::Annealing(const Machine& machine, std::span<const double> mean, AnnealingOptions options,
                     ThreadPool& threads)
    : given_(machine),
      machine_(standardised(machine)),
      options_(checked_annealing(machine, mean, options)),
      threads_(threads),
      base_bias_(base_biases(machine, mean)) {}

/// Of the machine that was given, from that of the machine of units over their deviations.
LogPartitionEstimate Annealing::of_given(LogPartitionEstimate estimate) const {
  const double change = log_deviations(given_);
  estimate.log_z += change;
  estimate.low += change;
  estimate.high += change;
  for (double& log_z : estimate.of_chain) log_z += change;
  return estimate;
}

// Most steps lie near the machine, where the models change fastest, but not as many as in
// Salakhutdinov & Murray 2008 (section 4): machines for MNIST with 16 and with 500 hidden units
// pass a narrow place at high temperatures, too.
double Annealing::beta(int step) const {
  const double left = 1 - static_cast<double>(step) / options_.temperatures;
  return 1 - left * left;
}

LogPartitionEstimate Annealing::forward(const ProgressCallback& progress) {
  AnnealedChains chains(machine_, base_bias_, static_cast<std::size_t>(options_.chains),
                        options_.seed, threads_);
  chains.begin(0);
  LogPartitionEstimate estimate;
  estimate.of_chain.assign(static_cast<std::size_t>(options_.chains), chains.base_log_partition());
  for (int k = 1; k <= options_.temperatures; ++k) {
    chains.add_gains(beta(k - 1), beta(k), estimate.of_chain);
    chains.step(beta(k), static_cast<std::uint32_t>(k));
    tell_annealing(progress, "annealing", static_cast<std::size_t>(k),
                   static_cast<std::size_t>(options_.temperatures));
  }
  const LogMean mean = log_mean(estimate.of_chain);
  estimate.log_z = mean.value;
  estimate.low = mean.value - 3 * mean.deviation;
  estimate.high = mean.value + 3 * mean.deviation;
  estimate.effective_chains = mean.effective;
  ends_.assign(chains.visible().begin(), chains.visible().end());
  log_weights_ = estimate.of_chain;
  return of_given(std::move(estimate));
}

LogPartitionEstimate Annealing::reverse_from_model(const ProgressCallback& progress) {
  if (ends_.empty()) forward(progress);
  const std::size_t d = machine_.visible_units();
  const Random random(options_.seed + apart);
  std::vector<float> starts;
  for (const std::size_t chain : drawn_by_weight(log_weights_, random.uniform(0)))
    starts.insert(starts.end(), ends_.begin() + static_cast<std::ptrdiff_t>(chain * d),
                  ends_.begin() + static_cast<std::ptrdiff_t>((chain + 1) * d));
  AnnealedChains chains(machine_, base_bias_, log_weights_.size(), options_.seed + 2 * apart,
                        threads_);
  chains.set(starts);
  for (int k = 0; k < std::min(options_.temperatures, 1000); ++k)
    chains.step(1, static_cast<std::uint32_t>(k));
  const std::vector<float> samples(chains.visible().begin(), chains.visible().end());
  LogPartitionEstimate estimate = back_from(samples, progress);
  std::vector<double> inverse = estimate.of_chain;
  for (double& l : inverse) l = -l;
  const LogMean mean = log_mean(inverse);
  estimate.log_z = -mean.value;
  estimate.low = -mean.value - 3 * mean.deviation;
  estimate.high = -mean.value + 3 * mean.deviation;
  estimate.effective_chains = mean.effective;
  return of_given(std::move(estimate));
}

LogPartitionEstimate Annealing::reverse_from(std::span<const float> rows,
                                             const ProgressCallback& progress) {
  return of_given(back_from(standardised_rows(given_, rows), progress));
}

LogPartitionEstimate Annealing::back_from(std::span<const float> rows,
                                          const ProgressCallback& progress) {
  const std::size_t d = machine_.visible_units(), count = rows.size() / d;
  if (count < 2) fail("the reverse estimate starts at 2 samples or more, not at ", count);
  const std::size_t together = std::min(count, static_cast<std::size_t>(options_.chains));
  AnnealedChains chains(machine_, base_bias_, together, options_.seed + 3 * apart, threads_);
  const auto steps = static_cast<std::size_t>(options_.temperatures);
  LogPartitionEstimate estimate;
  for (std::size_t first = 0; first < count; first += together) {
    // The last chains may overlap those before them, whose estimates they do not change.
    const std::size_t at = std::min(first, count - together);
    chains.set(rows.subspan(at * d, together * d));
    std::vector<double> sums(together, chains.base_log_partition());
    for (std::size_t k = steps; k > 0; --k) {
      const int step = static_cast<int>(k);
      chains.step(beta(step), static_cast<std::uint32_t>(first / together * steps + k));
      chains.add_gains(beta(step - 1), beta(step), sums);
      tell_annealing(progress, "annealing back", first / together * steps + steps - k,
                     (count + together - 1) / together * steps);
    }
    for (std::size_t c = first - at; c < together; ++c) estimate.of_chain.push_back(sums[c]);
  }
  const double n = static_cast<double>(count);
  double sum = 0, squares = 0;
  for (const double z : estimate.of_chain) sum += z;
  for (const double z : estimate.of_chain) squares += (z - sum / n) * (z - sum / n);
  const double deviation = std::sqrt(squares / (n - 1) / n);
  estimate.log_z = sum / n;
  estimate.low = sum / n - 3 * deviation;
  estimate.high = sum / n + 3 * deviation;
  estimate.effective_chains = n;
  return estimate;
}

}  // namespace rectify::pretrain
