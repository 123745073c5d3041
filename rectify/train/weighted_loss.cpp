#include "rectify/train/weighted_loss.h"

#include <algorithm>
#include <utility>

#include "rectify/model/fill.h"
#include "rectify/model/loss.h"
#include "rectify/train/class_weights.h"

namespace rectify::train {

WeightedLoss::WeightedLoss(const model::Model& model, float* parameters,
                           const data::Dataset& dataset, std::vector<float> weights,
                           ThreadPool& threads)
    : model_(model),
      parameters_(parameters),
      dataset_(dataset),
      weights_(std::move(weights)),
      threads_(threads),
      graph_(model.graph),
      loss_(model::add_loss(graph_, model.loss, true, 0, true)) {}

run::Plan& WeightedLoss::plan_for(std::int64_t batch) {
  auto& plan = plans_[batch];
  if (!plan)
    plan = std::make_unique<run::Plan>(graph_, model_.layout, parameters_, threads_,
                                       run::PlanOptions{.batch = batch, .keep = {loss_}});
  return *plan;
}

double WeightedLoss::of(const data::Split& split, std::span<const std::uint32_t> samples) {
  constexpr std::size_t batch = 128;
  double sum = 0;
  for (std::size_t first = 0; first < samples.size(); first += batch) {
    const auto part = samples.subspan(first, std::min(batch, samples.size() - first));
    run::Plan& plan = plan_for(static_cast<std::int64_t>(part.size()));
    model::fill(plan, graph_, dataset_, split, part, model_.normalisation, threads_);
    fill_class_weights(plan, graph_, split, part, weights_);
    plan.run({});
    sum += plan.value(loss_)[0] * static_cast<double>(part.size());
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, samples.size()));
}

}  // namespace rectify::train
