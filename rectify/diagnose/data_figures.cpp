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

void look_at_inputs(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const data::Normalisation& normalisation, DataFigures& figures) {
  const std::size_t f = dataset.features();
  std::vector<double> squares(f);
  std::vector<float> low(f, std::numeric_limits<float>::infinity()), high(f), x(f);
  std::ranges::fill(high, -std::numeric_limits<float>::infinity());
  double sum = 0, square = 0;
  for (const std::uint32_t row : rows) {
    data::gather(dataset.train, f, {&row, 1}, normalisation.inputs, x.data());
    for (std::size_t i = 0; i < f; ++i) {
      sum += x[i];
      squares[i] += static_cast<double>(x[i]) * x[i];
      low[i] = std::min(low[i], x[i]);
      high[i] = std::max(high[i], x[i]);
    }
  }
  const auto n = static_cast<double>(rows.size());
  for (std::size_t i = 0; i < f; ++i) {
    square += squares[i];
    const double largest = std::max(std::abs(low[i]), std::abs(high[i]));
    figures.input_largest = std::max(figures.input_largest, largest);
    const double value = stored(dataset.train, f, rows[0], i);
    if (rows.size() > 1 && std::ranges::all_of(rows, [&](std::uint32_t row) {
          return stored(dataset.train, f, row, i) == value;
        }))
      figures.constant.push_back({feature_name(dataset, i), value});
    if (const double size = std::sqrt(squares[i] / n); size > large_rms)
      figures.large.push_back({feature_name(dataset, i), size});
  }
  figures.input_mean = sum / n / static_cast<double>(f);
  figures.input_rms = std::sqrt(square / n / static_cast<double>(f));
  std::ranges::sort(figures.large, std::greater<>{}, &FeatureFigure::value);
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
