#pragma once

#include <memory>

#include "rectify/data/dataset.h"
#include "rectify/data/images/augment.h"
#include "rectify/train/feed/feed.h"
#include "rectify/train/feed/mixup.h"
#include "rectify/train/options.h"

namespace rectify::train {

/// Feeds the training split of a data set: samples normalised, then augmented and mixed as the
/// options say, with their labels or targets. A sample is a row of the split.
class DatasetFeed : public Feed {
 public:
  /// `samples`: the samples that are trained on; mixup takes its partners from them. All references
  /// must outlive the feed. Throws Error for an augmentation that the samples do not allow.
  DatasetFeed(const Options& options, const data::Dataset& dataset,
              std::span<const std::uint32_t> samples, const data::Normalisation& normalisation,
              ThreadPool& threads);

  void begin_epoch(std::uint32_t epoch) override;
  void fill(run::Plan& plan, const graph::Graph& graph,
            std::span<const std::uint32_t> samples) override;

 private:
  const data::Dataset& dataset_;
  const data::Normalisation& normalisation_;
  ThreadPool& threads_;
  std::vector<float> class_weights_;            ///< of each class; empty: all are 1
  std::unique_ptr<data::Augmenter> augmenter_;  ///< null without --augment
  std::unique_ptr<Mixup> mixup_;                ///< null without --mixup
};

}  // namespace rectify::train
