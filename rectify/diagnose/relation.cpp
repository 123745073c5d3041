// Whether labels have anything to do with the samples: a test by nearest neighbours, and one by
// single features.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "rectify/diagnose/data_figures.h"

namespace rectify::diagnose {

namespace {

constexpr std::size_t most_compared = 1000;
constexpr std::size_t most_features = 4096;

/// Samples with each feature at mean 0 and deviation 1, so that no feature rules the distances.
struct Standardised {
  std::size_t samples, features;
  std::vector<float> values;
};

Standardised standardised(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                          const data::Normalisation& normalisation) {
  const std::size_t f = dataset.features(), n = rows.size();
  Standardised all{n, f, std::vector<float>(n * f)};
  data::gather(dataset.train, f, rows, normalisation.inputs, all.values.data());
  for (std::size_t i = 0; i < f; ++i) {
    double sum = 0, square = 0;
    for (std::size_t s = 0; s < n; ++s) sum += all.values[s * f + i];
    const double mean = sum / static_cast<double>(n);
    for (std::size_t s = 0; s < n; ++s)
      square += (all.values[s * f + i] - mean) * (all.values[s * f + i] - mean);
    const double deviation = std::sqrt(square / static_cast<double>(n));
    // Of images each pixel counts as it is: those at the border would be noise made loud.
    const double scale = dataset.sample_shape.rank() == 3 ? 1 : deviation > 0 ? 1 / deviation : 0;
    for (std::size_t s = 0; s < n; ++s)
      all.values[s * f + i] = static_cast<float>((all.values[s * f + i] - mean) * scale);
  }
  return all;
}

/// The nearest other sample of each.
std::vector<std::size_t> nearest_samples(const Standardised& all) {
  std::vector<std::size_t> nearest(all.samples);
  std::vector<double> least(all.samples, std::numeric_limits<double>::infinity());
  const auto keep = [&](std::size_t of, std::size_t other, double distance) {
    if (distance >= least[of]) return;
    least[of] = distance;
    nearest[of] = other;
  };
  for (std::size_t a = 0; a < all.samples; ++a)
    for (std::size_t b = 0; b < a; ++b) {
      const float *x = &all.values[a * all.features], *y = &all.values[b * all.features];
      float lanes[16] = {};  // so that the compiler may take them at once
      std::size_t i = 0;
      for (; i + 16 <= all.features; i += 16)
        for (std::size_t l = 0; l < 16; ++l)
          lanes[l] += (x[i + l] - y[i + l]) * (x[i + l] - y[i + l]);
      double distance = 0;
      for (const float lane : lanes) distance += lane;
      for (; i < all.features; ++i) distance += (x[i] - y[i]) * (x[i] - y[i]);
      keep(a, b, distance);
      keep(b, a, distance);
    }
  return nearest;
}

/// The largest |correlation| of a feature with `numbers`, in standard errors.
double strongest(const Standardised& all, const std::vector<double>& numbers) {
  const auto n = static_cast<double>(all.samples);
  double mean = 0, square = 0;
  for (const double t : numbers) mean += t / n;
  for (const double t : numbers) square += (t - mean) * (t - mean);
  if (square == 0) return 0;
  double most = 0;
  for (std::size_t i = 0; i < all.features; ++i) {
    double product = 0, own = 0;
    for (std::size_t s = 0; s < all.samples; ++s) {
      const double x = all.values[s * all.features + i];
      product += x * (numbers[s] - mean);
      own += x * x;
    }
    if (own > 0) most = std::max(most, std::abs(product) / std::sqrt(own * square) * std::sqrt(n));
  }
  return most;
}

/// What the largest of `count` standard normal sizes is expected to be, about.
double expected_largest(double count) { return std::sqrt(2 * std::log(std::max(2.0, 2 * count))); }

void relate_classes(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const Standardised& all, Relation& relation) {
  const auto label = [&](std::size_t s) { return dataset.train.labels[rows[s]]; };
  std::vector<double> counts(dataset.classes());
  for (std::size_t s = 0; s < all.samples; ++s) ++counts[static_cast<std::size_t>(label(s))];
  const auto n = static_cast<double>(all.samples);
  for (const double count : counts) relation.chance += count * (count - 1) / n / (n - 1);
  const std::vector<std::size_t> nearest = nearest_samples(all);
  for (std::size_t s = 0; s < all.samples; ++s)
    relation.agreement += (label(s) == label(nearest[s])) / n;
  // Two samples are often each other's nearest and count once, not twice.
  const double error = std::sqrt(2 * relation.chance * (1 - relation.chance) / n);
  relation.deviations = error > 0 ? (relation.agreement - relation.chance) / error : 0;
  double most = 0, tests = 0;
  for (std::size_t c = 0; c < counts.size() && c < 32; ++c) {
    if (counts[c] < 5) continue;
    std::vector<double> is(all.samples);
    for (std::size_t s = 0; s < all.samples; ++s) is[s] = static_cast<std::size_t>(label(s)) == c;
    most = std::max(most, strongest(all, is));
    tests += static_cast<double>(all.features);
  }
  relation.single_feature = most - expected_largest(tests);
}

void relate_numbers(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const Standardised& all, Relation& relation) {
  const auto width = static_cast<std::size_t>(dataset.target_width);
  const auto n = static_cast<double>(all.samples);
  const std::vector<std::size_t> nearest = nearest_samples(all);
  relation.deviations = relation.single_feature = -std::numeric_limits<double>::infinity();
  for (std::size_t w = 0; w < width && w < 32; ++w) {
    std::vector<double> t(all.samples);
    for (std::size_t s = 0; s < all.samples; ++s) t[s] = dataset.train.targets[rows[s] * width + w];
    double mean = 0, square = 0, product = 0;
    for (const double v : t) mean += v / n;
    for (std::size_t s = 0; s < all.samples; ++s) {
      square += (t[s] - mean) * (t[s] - mean);
      product += (t[s] - mean) * (t[nearest[s]] - mean);
    }
    if (square == 0) continue;
    relation.agreement = std::max(relation.agreement, product / square);
    relation.deviations = std::max(relation.deviations, product / square * std::sqrt(n / 2));
    relation.single_feature =
        std::max(relation.single_feature,
                 strongest(all, t) - expected_largest(static_cast<double>(all.features * width)));
  }
}

}  // namespace

Relation measure_relation(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                          const data::Normalisation& normalisation) {
  Relation relation;
  if (dataset.ids || dataset.label_width > 1 || dataset.features() > most_features ||
      rows.size() < 3)
    return relation;
  std::vector<std::uint32_t> some(std::min(rows.size(), most_compared));
  for (std::size_t i = 0; i < some.size(); ++i) some[i] = rows[i * rows.size() / some.size()];
  const Standardised all = standardised(dataset, some, normalisation);
  relation.samples = some.size();
  dataset.classes() > 0 ? relate_classes(dataset, some, all, relation)
                        : relate_numbers(dataset, some, all, relation);
  return relation;
}

}  // namespace rectify::diagnose
