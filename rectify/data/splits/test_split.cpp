#include "rectify/data/splits/test_split.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::data {

namespace {

constexpr double test_share = 0.2;
// This seed is not the usual seed of the validation split, so that the two choices are independent.
constexpr std::uint64_t test_seed = 0x7e57;

/// Moves the samples `keep` to the front, in their order, and drops all others. Returns the samples
/// `take`.
template <class Value>
std::vector<Value> split_samples(std::vector<Value>& values, std::size_t count,
                                 std::span<const std::uint32_t> keep,
                                 std::span<const std::uint32_t> take) {
  const std::size_t width = values.size() / count;
  std::vector<Value> taken;
  taken.reserve(take.size() * width);
  for (const std::uint32_t sample : take)
    taken.insert(taken.end(), values.begin() + static_cast<std::ptrdiff_t>(sample * width),
                 values.begin() + static_cast<std::ptrdiff_t>((sample + 1) * width));
  std::size_t to = 0;
  // Sample numbers ascend, so an overwritten sample has already been moved or taken.
  for (const std::uint32_t sample : keep) {
    if (sample * width != to)
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(sample * width), width,
                  values.begin() + static_cast<std::ptrdiff_t>(to));
    to += width;
  }
  values.resize(to);
  return taken;
}

}  // namespace

void hold_out_test(Dataset& dataset, const std::string& what) {
  Split &train = dataset.train, &test = dataset.test;
  const std::size_t all = train.count;
  Partition parts;
  try {
    parts = hold_out(train, test_share, test_seed);
  } catch (const Error&) {
    fail(
        what, ": there is no test split, and ", all,
        " samples are too few to hold out a fifth of any class; give a test split or more samples");
  }
  test.bytes = split_samples(train.bytes, all, parts.train, parts.validation);
  test.values = split_samples(train.values, all, parts.train, parts.validation);
  test.labels = split_samples(train.labels, all, parts.train, parts.validation);
  test.targets = split_samples(train.targets, all, parts.train, parts.validation);
  train.count = parts.train.size();
  test.count = parts.validation.size();
  dataset.notes.push_back(
      concat("there is no test split: ", count_text(static_cast<std::int64_t>(test.count)), " of ",
             count_text(static_cast<std::int64_t>(all)), " samples are held out for testing, 20 %",
             train.labels.empty() ? "" : " of every class"));
}

}  // namespace rectify::data
