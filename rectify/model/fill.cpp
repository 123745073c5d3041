#include "rectify/model/fill.h"

#include <algorithm>

namespace rectify::model {

std::span<const std::int32_t> labels_of(const data::Split& split, std::size_t sample) {
  const std::size_t width = split.labels.size() / split.count;
  return std::span(split.labels).subspan(sample * width, width);
}

void fill(run::Plan& plan, const graph::Graph& graph, const data::Dataset& dataset,
          const data::Split& split, std::span<const std::uint32_t> samples,
          const data::Normalisation& normalisation, ThreadPool& threads) {
  constexpr std::size_t samples_a_tile = 16;
  const std::size_t features = dataset.features();
  float* input = plan.input(graph.find("input"));
  threads.run((samples.size() + samples_a_tile - 1) / samples_a_tile, [&](std::size_t tile) {
    const std::size_t first = tile * samples_a_tile;
    const std::size_t count = std::min(samples_a_tile, samples.size() - first);
    data::gather(split, features, samples.subspan(first, count), normalisation.inputs,
                 input + first * features);
  });
  fill_target(plan, graph, dataset, split, samples, normalisation);
}

void fill_target(run::Plan& plan, const graph::Graph& graph, const data::Dataset& dataset,
                 const data::Split& split, std::span<const std::uint32_t> samples,
                 const data::Normalisation& normalisation) {
  const graph::NodeId target = graph.find("target");
  if (target < 0) return;
  if (!split.labels.empty()) {
    std::int32_t* labels = plan.labels(target);
    for (const std::uint32_t sample : samples)
      labels = std::ranges::copy(labels_of(split, sample), labels).out;
  } else {
    const auto width = static_cast<std::size_t>(dataset.target_width);
    float* values = plan.input(target);
    const std::vector<data::Scaling> as_they_are(1);
    const auto& by = normalisation.targets.empty() ? as_they_are : normalisation.targets;
    for (std::size_t i = 0; i < samples.size(); ++i)
      data::scale(std::span(split.targets).subspan(samples[i] * width, width), width, by,
                  values + i * width);
  }
}

}  // namespace rectify::model
