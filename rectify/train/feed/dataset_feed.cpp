#include "rectify/train/feed/dataset_feed.h"

#include "rectify/model/fill.h"
#include "rectify/train/class_weights.h"

namespace rectify::train {

DatasetFeed::DatasetFeed(const Options& options, const data::Dataset& dataset,
                         std::span<const std::uint32_t> samples,
                         const data::Normalisation& normalisation, ThreadPool& threads)
    : dataset_(dataset),
      normalisation_(normalisation),
      threads_(threads),
      class_weights_(class_weights(options.class_weights, dataset, samples)) {
  if (const data::Augmentation how = data::parse_augment(options.augment); how.any())
    augmenter_ = std::make_unique<data::Augmenter>(how, options.seed, dataset.sample_shape);
  if (options.mixup > 0)
    mixup_ = std::make_unique<Mixup>(options.mixup, options.seed, dataset, samples, threads);
}

void DatasetFeed::begin_epoch(std::uint32_t epoch) {
  if (augmenter_) augmenter_->begin_epoch(epoch);
  if (mixup_) mixup_->begin_epoch(epoch);
}

void DatasetFeed::fill(run::Plan& plan, const graph::Graph& graph,
                       std::span<const std::uint32_t> samples) {
  if (mixup_) return mixup_->fill(plan, graph, samples, normalisation_, augmenter_.get());
  model::fill(plan, graph, dataset_, dataset_.train, samples, normalisation_, threads_);
  if (!class_weights_.empty())
    fill_class_weights(plan, graph, dataset_.train, samples, class_weights_);
  if (!augmenter_) return;
  float* const input = plan.input(graph.find("input"));
  threads_.run(samples.size(), [&](std::size_t i) {
    augmenter_->apply(samples[i], input + i * dataset_.features());
  });
}

}  // namespace rectify::train
