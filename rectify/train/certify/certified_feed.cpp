#include "rectify/train/certify/certified_feed.h"

#include <algorithm>

#include "rectify/model/perturbation.h"
#include "rectify/train/certify/certified.h"

namespace rectify::train {

CertifiedFeed::CertifiedFeed(const Options& options, const data::Dataset& dataset,
                             std::span<const std::uint32_t> samples,
                             const data::Normalisation& normalisation, ThreadPool& threads)
    : options_(options),
      dataset_(dataset),
      samples_(samples),
      normalisation_(normalisation),
      threads_(threads),
      inner_(options, dataset, samples, normalisation, threads),
      place_(dataset.train.count) {}

void CertifiedFeed::begin_epoch(std::uint32_t epoch) {
  inner_.begin_epoch(epoch);
  epoch_ = epoch;
  const std::vector<std::uint32_t> order = data::epoch_order(samples_, options_.seed, epoch);
  for (std::uint32_t i = 0; i < order.size(); ++i) place_[order[i]] = i;
}

void CertifiedFeed::fill(run::Plan& plan, const graph::Graph& graph,
                         std::span<const std::uint32_t> samples) {
  inner_.fill(plan, graph, samples);
  const double done =
      epoch_ + static_cast<double>(place_[samples[0]]) / static_cast<double>(samples_.size());
  const Strength strength = strength_at(options_, done);
  fill_box(plan, graph, dataset_, normalisation_, strength.eps, threads_);
  const graph::NodeId usual = graph.find("target_weight");
  float* const weight = plan.input(graph.find(certified_weight));
  for (std::size_t i = 0; i < samples.size(); ++i)
    weight[i] = static_cast<float>(strength.weight) * (usual < 0 ? 1.0f : plan.input(usual)[i]);
}

void fill_box(run::Plan& plan, const graph::Graph& graph, const data::Dataset& dataset,
              const data::Normalisation& normalisation, double eps, ThreadPool& threads) {
  const model::Perturbation change(dataset, eps);
  const std::size_t features = dataset.features();
  const float* const input = plan.input(graph.find("input"));
  float* const centre = plan.input(graph.find(box_centre));
  float* const radius = plan.input(graph.find(box_radius));
  threads.run(static_cast<std::size_t>(plan.batch()), [&](std::size_t i) {
    change.put_box({input + i * features, features}, normalisation.inputs, centre + i * features,
                   radius + i * features);
  });
}

}  // namespace rectify::train
