#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/data/dataset.h"
#include "rectify/data/splits/shuffle.h"

namespace rectify::data {

namespace {

/// The sample numbers of each class, ascending. All samples are in one class where a sample does
/// not have exactly one label.
std::vector<std::vector<std::uint32_t>> samples_by_class(const Split& split) {
  std::vector<std::vector<std::uint32_t>> samples(1);
  for (std::size_t i = 0; i < split.count; ++i) {
    const std::int32_t label = split.labels.size() == split.count ? split.labels[i] : 0;
    if (label < 0) fail("sample ", i, " has the negative label ", label);
    if (static_cast<std::size_t>(label) >= samples.size()) samples.resize(label + std::size_t{1});
    samples[label].push_back(static_cast<std::uint32_t>(i));
  }
  return samples;
}

/// The samples to be watched: some of `samples`, at equal distances, not more than the limit.
std::vector<std::uint32_t> evenly(const std::vector<std::uint32_t>& samples) {
  constexpr std::size_t most = 2000;
  const std::size_t count = std::min(most, samples.size());
  std::vector<std::uint32_t> some(count);
  for (std::size_t i = 0; i < count; ++i) some[i] = samples[i * samples.size() / count];
  return some;
}

std::vector<std::uint32_t> watched_of(const Partition& parts) {
  return parts.validation.empty() ? evenly(parts.train) : parts.validation;
}

}  // namespace

Partition hold_out(const Split& split, double fraction, std::uint64_t seed) {
  if (!(fraction >= 0 && fraction < 1))
    fail("the validation fraction must be at least 0 and less than 1, not ", number_text(fraction));
  if (split.count == 0) fail("there are no training samples");
  Partition parts;
  std::uint32_t label = 0;
  for (std::vector<std::uint32_t>& samples : samples_by_class(split)) {
    const Random random(seed, static_cast<std::uint32_t>(Stream::split), label++);
    if (samples.empty()) continue;
    shuffle(std::span(samples), random);
    // Every class keeps at least one training sample.
    const auto share = std::min<std::size_t>(
        static_cast<std::size_t>(std::llround(fraction * static_cast<double>(samples.size()))),
        samples.size() - 1);
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(share);
    parts.validation.insert(parts.validation.end(), samples.begin(), middle);
    parts.train.insert(parts.train.end(), middle, samples.end());
  }
  if (fraction > 0 && parts.validation.empty())
    fail("a validation fraction of ", number_text(fraction), " of ", split.count,
         " training samples holds out none of any class; give a larger fraction, or 0 for none");
  std::sort(parts.train.begin(), parts.train.end());
  std::sort(parts.validation.begin(), parts.validation.end());
  parts.watched = watched_of(parts);
  return parts;
}

Partition fold_of(const Split& split, int folds, int fold, std::uint64_t seed) {
  if (folds < 2 || static_cast<std::size_t>(folds) > split.count)
    fail("cross-validation of ", split.count, " training samples in ", folds,
         " folds makes no sense; take 2 folds at least, and as many as samples at most");
  if (fold < 0 || fold >= folds)
    fail("there is no fold ", fold, " of ", folds, "; they count from 0 to ", folds - 1);
  Partition parts;
  std::uint32_t label = 0;
  std::size_t dealt = 0;  // goes on from class to class, so that the folds are of one size
  for (std::vector<std::uint32_t>& samples : samples_by_class(split)) {
    shuffle(std::span(samples), Random(seed, static_cast<std::uint32_t>(Stream::split), label++));
    for (const std::uint32_t sample : samples) {
      const bool held = dealt++ % static_cast<std::size_t>(folds) == static_cast<std::size_t>(fold);
      (held ? parts.validation : parts.train).push_back(sample);
    }
  }
  std::sort(parts.train.begin(), parts.train.end());
  std::sort(parts.validation.begin(), parts.validation.end());
  parts.watched = parts.validation;
  return parts;
}

Partition completed(Partition parts, const Split& split) {
  const auto check = [&](const std::vector<std::uint32_t>& samples, const char* name) {
    if (samples.empty()) return;
    if (const std::uint32_t last = std::ranges::max(samples); last >= split.count)
      fail("Partition::", name, " has the number ", last, ", but the split has ", split.count,
           " samples; they count from 0");
  };
  if (parts.train.empty()) fail("Partition::train is empty; say which samples are trained on");
  check(parts.train, "train");
  check(parts.validation, "validation");
  check(parts.watched, "watched");
  if (parts.watched.empty()) parts.watched = watched_of(parts);
  return parts;
}

std::vector<std::uint32_t> epoch_order(std::span<const std::uint32_t> samples, std::uint64_t seed,
                                       std::uint32_t epoch) {
  std::vector<std::uint32_t> order(samples.begin(), samples.end());
  shuffle(std::span(order), Random(seed, static_cast<std::uint32_t>(Stream::shuffle), epoch));
  return order;
}

}  // namespace rectify::data
