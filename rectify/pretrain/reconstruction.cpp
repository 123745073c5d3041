#include "rectify/pretrain/reconstruction.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "rectify/data/images/sample_image.h"
#include "rectify/pretrain/principal.h"
#include "rectify/run/plan.h"

namespace rectify::pretrain {

namespace {

/// Calls visit(inputs, answers) for the first `count` test samples, part by part.
template <class Visit>
void each_part(const model::Model& autoencoder, const data::Dataset& dataset, std::size_t count,
               ThreadPool& threads, Visit&& visit) {
  constexpr std::size_t part = 500;
  std::vector<std::uint32_t> samples(count);
  std::iota(samples.begin(), samples.end(), 0u);
  const graph::Graph& graph = autoencoder.graph;
  for (std::size_t first = 0; first < count;) {
    const std::size_t n = std::min(part, count - first);
    run::Plan plan(graph, autoencoder.layout, const_cast<float*>(autoencoder.parameters.data()),
                   threads, {.batch = static_cast<std::int64_t>(n), .keep = {graph.result}});
    std::vector<float> inputs(n * dataset.features());
    for (; first + n <= count; first += n) {
      data::gather(dataset.test, dataset.features(), std::span(samples).subspan(first, n),
                   autoencoder.normalisation.inputs, inputs.data());
      std::ranges::copy(inputs, plan.input(graph.find("input")));
      plan.run({});
      visit(std::span<const float>(inputs), plan.value(graph.result));
    }
  }
}

/// The answers to the first test samples, as samples of a split.
data::Split answers_as_samples(const model::Model& autoencoder, const data::Dataset& dataset,
                               std::size_t count, ThreadPool& threads) {
  data::Split split{.count = count};
  each_part(autoencoder, dataset, count, threads,
            [&](std::span<const float>, std::span<const float> answers) {
              split.values.insert(split.values.end(), answers.begin(), answers.end());
            });
  data::to_targets(split.values, autoencoder.normalisation.targets);
  if (dataset.test.bytes.empty()) return split;
  for (const float value : split.values)
    split.bytes.push_back(static_cast<std::uint8_t>(std::clamp(std::round(value), 0.0f, 255.0f)));
  split.values.clear();
  return split;
}

constexpr std::size_t space = 2;  // between pictures, in pixels

void put_picture(data::Image& sheet, const data::Image& picture, std::size_t column,
                 std::size_t line) {
  const std::size_t left = space + column * (picture.width + space);
  const std::size_t top = space + line * (picture.height + space);
  const std::size_t bytes = picture.width * picture.channels;
  for (std::size_t y = 0; y < picture.height; ++y)
    std::copy_n(picture.bytes.data() + y * bytes, bytes,
                sheet.bytes.data() + ((top + y) * sheet.width + left) * picture.channels);
}

}  // namespace

Reconstruction reconstruct(const model::Model& autoencoder, std::int64_t components,
                           const data::Dataset& dataset, std::span<const std::uint32_t> train,
                           ThreadPool& threads) {
  Reconstruction r{
      .samples = dataset.test.count, .features = dataset.features(), .components = components};
  double sum = 0;
  each_part(autoencoder, dataset, dataset.test.count, threads,
            [&](std::span<const float> inputs, std::span<const float> answers) {
              for (std::size_t i = 0; i < inputs.size(); ++i) {
                const double d = static_cast<double>(answers[i]) - inputs[i];
                sum += d * d;
              }
            });
  r.mean_squared_error = sum / static_cast<double>(r.samples * r.features);
  // As many components as a sample has numbers miss nothing.
  if (r.features <= most_principal_features && components < static_cast<std::int64_t>(r.features))
    r.principal_error =
        principal_error(dataset, train, autoencoder.normalisation.inputs, components, threads);
  return r;
}

std::optional<data::Image> reconstruction_image(const model::Model& autoencoder,
                                                const data::Dataset& dataset, std::size_t columns,
                                                ThreadPool& threads) {
  constexpr std::size_t lines = 4;  // two of samples, each with one of reconstructions below it
  constexpr std::uint8_t paper = 96;
  const std::size_t count = std::min(columns * lines / 2, dataset.test.count);
  if (count == 0 || !data::sample_image(dataset, dataset.test, 0)) return {};
  const data::Split answers = answers_as_samples(autoencoder, dataset, count, threads);
  data::Image sheet;
  for (std::size_t i = 0; i < count; ++i) {
    const data::Image above = *data::sample_image(dataset, dataset.test, i);
    if (i == 0) {
      sheet.width = columns * (above.width + space) + space;
      sheet.height = lines * (above.height + space) + space;
      sheet.channels = above.channels;
      sheet.bytes.assign(sheet.width * sheet.height * sheet.channels, paper);
    }
    put_picture(sheet, above, i % columns, i / columns * 2);
    put_picture(sheet, *data::sample_image(dataset, answers, i), i % columns, i / columns * 2 + 1);
  }
  return sheet;
}

}  // namespace rectify::pretrain
