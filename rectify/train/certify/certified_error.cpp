#include "rectify/train/certify/certified_error.h"

#include <algorithm>
#include <limits>

#include "rectify/model/fill.h"
#include "rectify/model/loss.h"
#include "rectify/train/certify/certified.h"

namespace rectify::train {

CertifiedError::CertifiedError(const model::Model& model, float* parameters,
                               const data::Dataset& dataset, double eps, ThreadPool& threads,
                               double share)
    : model_(model),
      parameters_(parameters),
      dataset_(dataset),
      eps_(eps),
      threads_(threads),
      boxes_(model, parameters, dataset, share, threads),
      graph_(model.graph) {
  model::add_loss(graph_, model.loss, true);  // for its targets
  margins_ = add_worst_margins(graph_);
}

run::Plan& CertifiedError::plan_for(std::int64_t batch) {
  auto& plan = plans_[batch];
  if (!plan)
    plan = std::make_unique<run::Plan>(graph_, model_.layout, parameters_, threads_,
                                       run::PlanOptions{.batch = batch, .keep = {margins_}});
  return *plan;
}

double CertifiedError::of(const data::Split& split, std::span<const std::uint32_t> samples) {
  constexpr std::size_t batch = 128;
  std::size_t open = 0;
  for (std::size_t first = 0; first < samples.size(); first += batch) {
    const auto part = samples.subspan(first, std::min(batch, samples.size() - first));
    run::Plan& plan = plan_for(static_cast<std::int64_t>(part.size()));
    model::fill(plan, graph_, dataset_, split, part, model_.normalisation, threads_);
    boxes_.fill(plan, graph_, eps_);
    plan.run({});
    const std::span<const float> margins = plan.value(margins_);
    const std::size_t classes = margins.size() / part.size();
    for (std::size_t i = 0; i < part.size(); ++i) {
      const auto target = static_cast<std::size_t>(model::labels_of(split, part[i])[0]);
      bool proven = true;
      for (std::size_t j = 0; j < classes; ++j)
        proven &= j == target || margins[i * classes + j] < 0;
      open += !proven;
    }
  }
  if (samples.empty()) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(open) / static_cast<double>(samples.size());
}

}  // namespace rectify::train
