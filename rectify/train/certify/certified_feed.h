#pragma once

#include <vector>

#include "rectify/train/feed/dataset_feed.h"

namespace rectify::train {

/// Feeds samples as DatasetFeed does, and the box around each of them. How strong certified
/// training is follows from the sample's place in the epoch's order, so that it rises within an
/// epoch too and a batch that is run again gets the same.
class CertifiedFeed : public Feed {
 public:
  /// As DatasetFeed. `samples` are trained on in the order of data::epoch_order().
  CertifiedFeed(const Options& options, const data::Dataset& dataset,
                std::span<const std::uint32_t> samples, const data::Normalisation& normalisation,
                ThreadPool& threads);

  void begin_epoch(std::uint32_t epoch) override;
  void fill(run::Plan& plan, const graph::Graph& graph,
            std::span<const std::uint32_t> samples) override;

 private:
  const Options options_;
  const data::Dataset& dataset_;
  std::span<const std::uint32_t> samples_;
  const data::Normalisation& normalisation_;
  ThreadPool& threads_;
  DatasetFeed inner_;
  std::uint32_t epoch_ = 0;
  std::vector<std::uint32_t> place_;  ///< of each sample of the split in the epoch's order
};

/// Writes the box by `eps` around the batch that the plan's "input" holds into its inputs
/// box_centre and box_radius.
void fill_box(run::Plan& plan, const graph::Graph& graph, const data::Dataset& dataset,
              const data::Normalisation& normalisation, double eps, ThreadPool& threads);

}  // namespace rectify::train
