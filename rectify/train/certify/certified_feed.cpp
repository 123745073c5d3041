#include "rectify/train/certify/certified_feed.h"

#include <algorithm>

#include "rectify/model/perturbation.h"
#include "rectify/train/certify/certified.h"

namespace rectify::train {

BoxFeed::BoxFeed(const model::Model& model, float* parameters, const data::Dataset& dataset,
                 double share, ThreadPool& threads)
    : model_(model), dataset_(dataset), share_(share), threads_(threads) {
  if (share < 1) worst_.emplace(model, parameters, threads);
}

void BoxFeed::fill(run::Plan& plan, const graph::Graph& graph, double eps) {
  const auto batch = static_cast<std::size_t>(plan.batch());
  std::span<const float> around = {plan.input(graph.find("input")), batch * dataset_.features()};
  float* const centre = plan.input(graph.find(box_centre));
  float* const radius = plan.input(graph.find(box_radius));
  if (worst_ && eps > 0) {
    put_boxes(around, (1 - share_) * eps, centre, radius);
    around = worst_->find(around, {centre, around.size()}, {radius, around.size()},
                          {plan.labels(graph.find("target")), batch});
  }
  put_boxes(around, share_ * eps, centre, radius);
}

void BoxFeed::put_boxes(std::span<const float> around, double eps, float* centre, float* radius) {
  const model::Perturbation change(dataset_, eps);
  const std::size_t features = dataset_.features();
  threads_.run(around.size() / features, [&](std::size_t i) {
    change.put_box(around.subspan(i * features, features), model_.normalisation.inputs,
                   centre + i * features, radius + i * features);
  });
}

CertifiedFeed::CertifiedFeed(const Options& options, const data::Dataset& dataset,
                             std::span<const std::uint32_t> samples, const model::Model& model,
                             float* parameters, ThreadPool& threads)
    : options_(options),
      samples_(samples),
      inner_(options, dataset, samples, model.normalisation, threads),
      boxes_(model, parameters, dataset, options.certify_share, threads),
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
  boxes_.fill(plan, graph, strength.eps);
  const graph::NodeId usual = graph.find("target_weight");
  float* const weight = plan.input(graph.find(certified_weight));
  for (std::size_t i = 0; i < samples.size(); ++i)
    weight[i] = static_cast<float>(strength.weight) * (usual < 0 ? 1.0f : plan.input(usual)[i]);
}

}  // namespace rectify::train
