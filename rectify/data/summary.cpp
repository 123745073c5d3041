#include "rectify/data/summary.h"

#include <algorithm>
#include <cmath>

namespace rectify::data {

namespace {

/// The results of one pass over the samples. The sums are of v - first, so they are exactly 0 for
/// constant data.
struct Totals {
  double sum = 0;
  double square = 0;
  std::size_t zeros = 0;
};

template <class Value>
void measure(const Value* from, std::size_t features, SplitSummary& summary) {
  std::vector<Value> low(from, from + features), high = low;
  const double first = from[0];
  Totals totals;
  for (std::size_t i = 0; i < summary.count; ++i) {
    const Value* row = from + i * features;
    for (std::size_t j = 0; j < features; ++j) {
      low[j] = std::min(low[j], row[j]);
      high[j] = std::max(high[j], row[j]);
      const double v = row[j] - first;
      totals.sum += v;
      totals.square += v * v;
      totals.zeros += row[j] == 0;
    }
  }
  const double count = static_cast<double>(summary.count) * static_cast<double>(features);
  const double mean = totals.sum / count;
  summary.min = *std::min_element(low.begin(), low.end());
  summary.max = *std::max_element(high.begin(), high.end());
  summary.mean = first + mean;
  summary.deviation = std::sqrt(std::max(0.0, totals.square / count - mean * mean));
  summary.zeros = static_cast<double>(totals.zeros) / count;
  for (std::size_t j = 0; j < features; ++j) summary.constant_features += low[j] == high[j];
}

SplitSummary summarise_split(const Dataset& dataset, const Split& split) {
  SplitSummary summary;
  summary.count = split.count;
  if (split.targets.empty()) summary.per_class.assign(dataset.classes(), 0);
  for (const std::int32_t label : split.labels)
    ++summary.per_class[static_cast<std::size_t>(label)];
  if (split.count == 0 || dataset.features() == 0) return summary;
  if (split.bytes.empty())
    measure(split.values.data(), dataset.features(), summary);
  else
    measure(split.bytes.data(), dataset.features(), summary);
  return summary;
}

}  // namespace

Summary summarise(const Dataset& dataset) {
  Summary summary;
  summary.sample_shape = dataset.sample_shape;
  summary.class_names = dataset.class_names;
  summary.target_width = dataset.target_width;
  summary.bytes = !dataset.train.bytes.empty();
  summary.train = summarise_split(dataset, dataset.train);
  summary.test = summarise_split(dataset, dataset.test);
  return summary;
}

}  // namespace rectify::data
