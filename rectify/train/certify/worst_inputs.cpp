#include "rectify/train/certify/worst_inputs.h"

#include <algorithm>
#include <array>

#include "rectify/model/loss.h"
#include "rectify/pass/differentiate.h"

namespace rectify::train {

namespace {

/// The lengths of the steps, in half widths of the box: the first one reaches a corner, the others
/// correct it.
constexpr std::array steps = {1.0f, 0.5f, 0.25f};

}  // namespace

WorstInputs::WorstInputs(const model::Model& model, float* parameters, ThreadPool& threads)
    : model_(model), parameters_(parameters), threads_(threads), graph_(model.graph) {
  const graph::NodeId loss = model::add_loss(graph_, model.loss, true);
  gradient_ = pass::gradient_in(graph_, {loss}, graph_.find("input"));
}

run::Plan& WorstInputs::plan_for(std::int64_t batch) {
  auto& plan = plans_[batch];
  if (!plan)
    plan = std::make_unique<run::Plan>(graph_, model_.layout, parameters_, threads_,
                                       run::PlanOptions{.batch = batch, .keep = {gradient_}});
  return *plan;
}

std::span<const float> WorstInputs::find(std::span<const float> samples,
                                         std::span<const float> centre,
                                         std::span<const float> radius,
                                         std::span<const std::int32_t> classes) {
  const std::size_t batch = classes.size(), features = samples.size() / batch;
  run::Plan& plan = plan_for(static_cast<std::int64_t>(batch));
  std::ranges::copy(classes, plan.labels(graph_.find("target")));
  found_.assign(samples.begin(), samples.end());
  for (const float length : steps) {
    std::ranges::copy(found_, plan.input(graph_.find("input")));
    plan.run({});
    const float* const gradient = plan.value(gradient_).data();
    threads_.run(batch, [&](std::size_t sample) {
      for (std::size_t i = sample * features; i < (sample + 1) * features; ++i) {
        const float sign = static_cast<float>((gradient[i] > 0) - (gradient[i] < 0));
        found_[i] = std::clamp(found_[i] + length * radius[i] * sign, centre[i] - radius[i],
                               centre[i] + radius[i]);
      }
    });
  }
  return found_;
}

}  // namespace rectify::train
