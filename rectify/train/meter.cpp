#include "rectify/train/meter.h"

#include <algorithm>
#include <cmath>

#include "rectify/model/errors.h"
#include "rectify/model/fill.h"

namespace rectify::train {

Meter::Meter(const Objective& objective, const model::Model& model, const data::Dataset& dataset)
    : objective_(objective), model_(model), dataset_(dataset) {
  for (std::size_t i = 0; i < model.layout.slots().size(); ++i)
    if (model.layout.slots()[i].shape.rank() >= 2) weights_.push_back(i);
}

void Meter::begin_epoch() {
  loss_ = error_ = ratio_ = 0;
  gradients_.assign(weights_.size(), 0);
  updates_.assign(weights_.size(), 0);
  samples_ = steps_with_norms_ = steps_with_updates_ = 0;
}

void Meter::add_batch(const run::Plan& plan, std::span<const std::uint32_t> samples) {
  const data::Split& split = dataset_.train;
  samples_ += samples.size();
  loss_ += static_cast<double>(plan.value(objective_.losses[0])[0]) *
           static_cast<double>(samples.size());
  const std::span<const float> outputs = plan.value(objective_.graph.result);
  const std::size_t width = outputs.size() / samples.size();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::span<const float> answer = outputs.subspan(i * width, width);
    error_ += split.labels.empty()
                  ? model::squared_error(
                        answer, std::span(split.targets).subspan(samples[i] * width, width),
                        model_.normalisation)
                  : model::wrong_share(answer, model::labels_of(split, samples[i]), model_.loss);
  }
}

void Meter::add_norms(const GradientNorms& norms) {
  ++steps_with_norms_;
  if (!norms.update_ratios.empty()) {
    ++steps_with_updates_;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      updates_[i] += norms.update_ratios[weights_[i]];
  }
  for (std::size_t i = 0; i < weights_.size(); ++i) gradients_[i] += norms.parameters[weights_[i]];
  if (!weights_.empty())
    ratio_ +=
        norms.parameters[weights_.front()] / std::max(norms.parameters[weights_.back()], 1e-300);
}

void Meter::put_into(EpochRecord& record) const {
  const auto samples = static_cast<double>(std::max<std::size_t>(1, samples_));
  const auto steps = static_cast<double>(std::max<std::size_t>(1, steps_with_norms_));
  record.train_loss = loss_ / samples;
  record.train_error = error_ / samples;
  if (dataset_.classes() == 0) record.train_error = std::sqrt(record.train_error);
  record.gradient_ratio = ratio_ / steps;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    record.gradients.push_back({model_.layout.slots()[weights_[i]].label, gradients_[i] / steps});
    const double ratio = updates_[i] / static_cast<double>(steps_with_updates_);
    if (std::isfinite(ratio)) record.gradients.back().update_ratio = ratio;
  }
}

}  // namespace rectify::train
