#include "rectify/pretrain/likelihood/likelihood.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/pretrain/likelihood/exact.h"

namespace rectify::pretrain {

namespace {

/// At most `most` rows of `width` numbers, at equal distances.
std::vector<float> spread_rows(std::span<const float> rows, std::size_t width, std::size_t most) {
  const std::size_t count = rows.size() / width, kept = std::min(count, most);
  std::vector<float> result;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto row = rows.subspan(i * count / kept * width, width);
    result.insert(result.end(), row.begin(), row.end());
  }
  return result;
}

void check_binary(const Machine& machine, std::span<const float> visible) {
  if (machine.visible->name != "binary") return;
  for (const float v : visible)
    if (v != 0 && v != 1)
      fail("the samples have numbers such as ", v,
           ", but binary visible units have likelihoods for 0 and 1 alone; give --binarise half or "
           "draw");
}

}  // namespace

LogLikelihood log_likelihood(const Machine& machine, std::span<const float> visible,
                             std::span<const double> mean, LikelihoodMethod method,
                             const AnnealingOptions& options, ThreadPool& threads,
                             const ProgressCallback& progress) {
  check_binary(machine, visible);
  LogLikelihood result;
  const std::vector<double> energies = free_energies(machine, visible, threads);
  for (const double energy : energies)
    result.mean_free_energy += energy / static_cast<double>(energies.size());
  const bool exact = method == LikelihoodMethod::exact ||
                     (method == LikelihoodMethod::automatic && has_exact_log_partition(machine));
  if (exact) {
    result.exact = exact_log_partition(machine, threads);
    return result;
  }
  Annealing annealing(machine, mean, options, threads);
  // The three parts take about the same time.
  const auto part = [&](int number) -> ProgressCallback {
    if (!progress) return {};
    return [&progress, number](Progress p) {
      p.done = (number + p.done) / 3;
      progress(p);
    };
  };
  result.forward = annealing.forward(part(0));
  result.reverse = annealing.reverse_from_model(part(1));
  result.raise = annealing.reverse_from(
      spread_rows(visible, machine.visible_units(), static_cast<std::size_t>(options.chains)),
      part(2));
  return result;
}

void binarise(std::span<float> numbers, Binarise how, std::uint64_t seed) {
  if (how == Binarise::no) return;
  const Random random(seed, static_cast<std::uint32_t>(Stream::data));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = numbers[i] > (how == Binarise::half ? 0.5 : random.uniform(i)) ? 1.0f : 0.0f;
}

double separation(std::span<const double> usual, std::span<const double> unusual) {
  std::vector<double> sorted(usual.begin(), usual.end());
  std::ranges::sort(sorted);
  double above = 0;
  for (const double energy : unusual) {
    const auto [first, last] = std::ranges::equal_range(sorted, energy);
    above += static_cast<double>(first - sorted.begin()) + static_cast<double>(last - first) / 2;
  }
  return above / (static_cast<double>(usual.size()) * static_cast<double>(unusual.size()));
}

}  // namespace rectify::pretrain
