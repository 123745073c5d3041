#include "rectify/lab/relufy/tuning.h"

#include <algorithm>
#include <cmath>

#include "rectify/lab/stopped.h"
#include "rectify/model/evaluate.h"
#include "rectify/train/feed/dataset_feed.h"
#include "rectify/train/fit.h"
#include "rectify/train/initial_model.h"
#include "rectify/train/loop.h"
#include "rectify/train/optimise/schedule.h"

namespace rectify::lab {

Tuned fine_tune(model::Model& model, const train::Options& options, const data::Dataset& dataset,
                const data::Partition& parts, ThreadPool& threads,
                const std::function<void()>& settle, const ProgressCallback& progress,
                const StopCallback& stop) {
  train::check_fit(options, model, dataset, model.loss);
  const train::Objective objective =
      train::supervised(model.graph, train::supervision_of(options, model, dataset));
  train::DatasetFeed feed(options, dataset, parts.train, model.normalisation, threads);
  train::Step step(objective, model.layout, model.parameters.data(), options, threads);
  model::Evaluator evaluator(model.graph, model.layout, model.parameters.data(), model.loss,
                             dataset, threads, step.arena());
  const auto measured = [&] {
    return evaluator.evaluate(dataset.train, parts.watched, model.normalisation, false);
  };
  const model::Evaluation first = measured();
  Tuned best{.error_before = first.error, .error = first.error, .loss = first.loss};
  Buffer weights(model.layout.floats());
  std::ranges::copy(model.parameters.span(), weights.data());
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const auto order =
        data::epoch_order(parts.train, options.seed, static_cast<std::uint32_t>(epoch));
    const train::EpochTask task{.epoch = epoch,
                                .epochs = options.epochs,
                                .samples = order,
                                .samples_a_step = static_cast<std::size_t>(options.batch) *
                                                  static_cast<std::size_t>(options.accumulate),
                                .rate = [&](double done) { return train::rate_at(options, done); }};
    if (!train::run_epoch(task, step, feed, {}, progress, stop)) throw Stopped("stopped");
    if (settle) settle();
    const model::Evaluation now = measured();
    if (!(now.error < best.error || (now.error == best.error && now.loss < best.loss))) continue;
    best.error = now.error, best.loss = now.loss, best.best_epoch = epoch + 1;
    std::ranges::copy(model.parameters.span(), weights.data());
  }
  std::ranges::copy(weights.span(), model.parameters.data());
  return best;
}

}  // namespace rectify::lab
