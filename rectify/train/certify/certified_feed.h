#pragma once

#include <optional>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/train/certify/worst_inputs.h"
#include "rectify/train/feed/dataset_feed.h"

namespace rectify::train {

/// Fills the box inputs of plans, box_centre and box_radius, around the batch that "input" holds.
class BoxFeed {
 public:
  /// `share` is that of the box that is bounded (Options::certify_share): with 1 the box around the
  /// sample is, with less a smaller one, inside, around a bad input that is looked for.
  /// `parameters` are read at every call. All references must outlive it.
  BoxFeed(const model::Model& model, float* parameters, const data::Dataset& dataset, double share,
          ThreadPool& threads);

  /// `eps` is that of model::Perturbation.
  void fill(run::Plan& plan, const graph::Graph& graph, double eps);

 private:
  void put_boxes(std::span<const float> around, double eps, float* centre, float* radius);

  const model::Model& model_;
  const data::Dataset& dataset_;
  double share_;
  ThreadPool& threads_;
  std::optional<WorstInputs> worst_;  ///< where share is below 1
};

/// Feeds samples as DatasetFeed does, and the box around each of them. How strong certified
/// training is follows from the sample's place in the epoch's order, so that it rises within an
/// epoch too and a batch that is run again gets the same.
class CertifiedFeed : public Feed {
 public:
  /// As DatasetFeed. `samples` are trained on in the order of data::epoch_order().
  CertifiedFeed(const Options& options, const data::Dataset& dataset,
                std::span<const std::uint32_t> samples, const model::Model& model,
                float* parameters, ThreadPool& threads);

  void begin_epoch(std::uint32_t epoch) override;
  void fill(run::Plan& plan, const graph::Graph& graph,
            std::span<const std::uint32_t> samples) override;

 private:
  const Options options_;
  std::span<const std::uint32_t> samples_;
  DatasetFeed inner_;
  BoxFeed boxes_;
  std::uint32_t epoch_ = 0;
  std::vector<std::uint32_t> place_;  ///< of each sample of the split in the epoch's order
};

}  // namespace rectify::train
