#include "rectify/diagnose/data_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rectify::diagnose {

namespace {

constexpr std::size_t most_samples = 2000;
constexpr double large_rms = 10;

std::vector<std::uint32_t> evenly(std::span<const std::uint32_t> rows, std::size_t most) {
  if (rows.size() <= most) return {rows.begin(), rows.end()};
  std::vector<std::uint32_t> some(most);
  for (std::size_t i = 0; i < most; ++i) some[i] = rows[i * rows.size() / most];
  return some;
}

std::string feature_name(const data::Dataset& dataset, std::size_t feature) {
  return feature < dataset.columns.size() ? dataset.columns[feature] : std::to_string(feature);
}

/// The value that a feature is stored with.
double stored(const data::Split& split, std::size_t features, std::uint32_t row,
              std::size_t feature) {
  const std::size_t at = row * features + feature;
  return split.bytes.empty() ? split.values[at] : split.bytes[at];
}

/// Sums over the samples, feature by feature, after normalisation.
struct FeatureSums {
  std::vector<double> sums, squares;
  std::vector<float> low, high;
};

FeatureSums sums_of(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const data::Normalisation& normalisation) {
  const std::size_t f = dataset.features();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  FeatureSums all{std::vector<double>(f), std::vector<double>(f), std::vector<float>(f, infinity),
                  std::vector<float>(f, -infinity)};
  std::vector<float> x(f);
  for (const std::uint32_t row : rows) {
    data::gather(dataset.train, f, {&row, 1}, normalisation.inputs, x.data());
    for (std::size_t i = 0; i < f; ++i) {
      all.sums[i] += x[i];
      all.squares[i] += static_cast<double>(x[i]) * x[i];
      all.low[i] = std::min(all.low[i], x[i]);
      all.high[i] = std::max(all.high[i], x[i]);
    }
  }
  return all;
}

void find_constants(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const data::Normalisation& normalisation, const FeatureSums& sums,
                    DataFigures& figures) {
  const std::size_t f = dataset.features();
  const bool flat = dataset.sample_shape.rank() < 2;
  const std::size_t channels = flat ? f : static_cast<std::size_t>(dataset.sample_shape.back());
  const std::vector<data::Scaling>& scalings = normalisation.inputs;
  figures.constant_scaled_away = true;
  std::vector<bool> is_constant(channels, rows.size() > 1);
  for (std::size_t i = 0; i < f; ++i) {
    const double value = stored(dataset.train, f, rows[0], i);
    if (is_constant[i % channels])
      is_constant[i % channels] = std::ranges::all_of(
          rows, [&](std::uint32_t row) { return stored(dataset.train, f, row, i) == value; });
  }
  for (std::size_t c = 0; c < channels; ++c) {
    if (!is_constant[c]) continue;
    figures.constant.push_back({flat ? feature_name(dataset, c) : "channel " + std::to_string(c),
                                stored(dataset.train, f, rows[0], c)});
    if (scalings[c % scalings.size()].scale != 0) figures.constant_scaled_away = false;
    figures.loudest_constant = std::max<double>(figures.loudest_constant, std::abs(sums.high[c]));
  }
}

/// The largest deviation over the median of those that are not 0.
double unevenness_of(const FeatureSums& sums, double n) {
  std::vector<double> deviations;
  for (std::size_t i = 0; i < sums.sums.size(); ++i) {
    const double mean = sums.sums[i] / n, variance = sums.squares[i] / n - mean * mean;
    if (sums.low[i] < sums.high[i] && variance > 0) deviations.push_back(std::sqrt(variance));
  }
  if (deviations.size() < 2) return 1;
  std::ranges::sort(deviations);
  return deviations.back() / deviations[(deviations.size() - 1) / 2];
}

void look_at_inputs(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const data::Normalisation& normalisation, DataFigures& figures) {
  const std::size_t f = dataset.features();
  const FeatureSums sums = sums_of(dataset, rows, normalisation);
  const auto n = static_cast<double>(rows.size());
  double sum = 0, square = 0;
  for (std::size_t i = 0; i < f; ++i) {
    sum += sums.sums[i];
    square += sums.squares[i];
    const double largest = std::max(std::abs(sums.low[i]), std::abs(sums.high[i]));
    figures.input_largest = std::max(figures.input_largest, largest);
    if (const double size = std::sqrt(sums.squares[i] / n); size > large_rms)
      figures.large.push_back({feature_name(dataset, i), size});
  }
  figures.input_mean = sum / n / static_cast<double>(f);
  figures.input_rms = std::sqrt(square / n / static_cast<double>(f));
  std::ranges::sort(figures.large, std::greater<>{}, &FeatureFigure::value);
  find_constants(dataset, rows, normalisation, sums, figures);
  if (!figures.images) figures.unevenness = unevenness_of(sums, n);
}

void look_at_targets(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                     const data::Normalisation& normalisation, DataFigures& figures) {
  const auto width = static_cast<std::size_t>(dataset.target_width);
  if (width == 0) return;
  figures.target_width = width;
  const std::vector<data::Scaling> as_they_are(1);
  const auto& by = normalisation.targets.empty() ? as_they_are : normalisation.targets;
  std::vector<float> scaled(width);
  double sum = 0, square = 0, ones = 0;
  bool flags = width > 1, one_each = true;
  figures.target_low = std::numeric_limits<double>::infinity();
  figures.target_high = -figures.target_low;
  for (const std::uint32_t row : rows) {
    const auto targets = std::span(dataset.train.targets).subspan(row * width, width);
    data::scale(targets, width, by, scaled.data());
    for (const float t : scaled) {
      sum += t;
      square += static_cast<double>(t) * t;
      figures.target_low = std::min<double>(figures.target_low, t);
      figures.target_high = std::max<double>(figures.target_high, t);
    }
    const auto count = std::ranges::count(targets, 1.0f);
    flags = flags && std::ranges::all_of(targets, [](float t) { return t == 0 || t == 1; });
    one_each = one_each && count == 1;
    ones += static_cast<double>(count);
  }
  const double n = static_cast<double>(rows.size() * width);
  figures.target_mean = sum / n;
  figures.target_deviation =
      std::sqrt(std::max(0.0, square / n - figures.target_mean * figures.target_mean));
  figures.targets_are_flags = flags;
  figures.exclusive = flags && one_each;
  figures.flags_a_sample = ones / static_cast<double>(rows.size());
}

void look_at_labels(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    DataFigures& figures) {
  const std::size_t count = dataset.train.count;
  if (dataset.classes() == 0 || count == 0) return;
  figures.class_counts.assign(dataset.classes(), 0);
  figures.class_names = dataset.class_names;
  const std::size_t width = dataset.train.labels.size() / count;
  double all = 0;
  for (const std::uint32_t row : rows)
    for (std::size_t l = 0; l < width; ++l, ++all)
      ++figures.class_counts[static_cast<std::size_t>(dataset.train.labels[row * width + l])];
  for (const std::int64_t of_class : figures.class_counts) {
    const double p = static_cast<double>(of_class) / all;
    if (p > 0) figures.label_entropy -= p * std::log(p);
  }
}

}  // namespace

std::size_t DataFigures::classes_present() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(class_counts, [](std::int64_t n) { return n > 0; }));
}

DataFigures measure_data(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                         const data::Normalisation& normalisation) {
  DataFigures figures{.training_samples = rows.size(),
                      .images = dataset.sample_shape.rank() == 3,
                      .ids = dataset.ids,
                      .features = dataset.features()};
  if (rows.empty()) return figures;
  const std::vector<std::uint32_t> some = evenly(rows, most_samples);
  figures.samples = some.size();
  if (!dataset.ids) look_at_inputs(dataset, some, normalisation, figures);
  look_at_targets(dataset, some, normalisation, figures);
  look_at_labels(dataset, rows, figures);
  return figures;
}

}  // namespace rectify::diagnose
