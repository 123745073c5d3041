// A step whose gradient comes from several batches, one after the other: what one batch of all
// their samples would give, up to rounding, in the memory of one.

#include <algorithm>
#include <cmath>

#include "rectify/train/optimise/sweep.h"
#include "rectify/train/trainer.h"

namespace rectify::train {

// Losses are means over a batch, so a batch counts by its share of the samples. Each has random
// numbers of its own, and each advances the states from where the one before left them.
void Trainer::take_accumulated_step(std::span<const std::uint32_t> rows, double lr,
                                    StepSums& sums) {
  const auto batch = static_cast<std::size_t>(options_.batch);
  std::uint32_t step = step_;
  std::copy_n(model_.parameters.data(), before_.size(), before_.data());
  std::ranges::fill(sum_.span(), 0.0f);
  for (std::size_t first = 0; first < rows.size(); first += batch, ++step) {
    const auto part = rows.subspan(first, std::min(batch, rows.size() - first));
    run::Plan& plan = plan_for(static_cast<std::int64_t>(part.size()), false);
    fill_batch(plan, part);
    plan.run({.seed = options_.seed, .step = step});
    if (!std::isfinite(optimiser_.norms(gradients_.data()).total) || !losses_are_finite(plan) ||
        !next_states_are_finite(plan)) {
      std::copy_n(before_.data(), before_.size(), model_.parameters.data());
      report_non_finite(part, step);
    }
    commit_states(plan);
    const double share = static_cast<double>(part.size()) / static_cast<double>(rows.size());
    blend(threads_, sum_.data(), gradients_.data(), sum_.size(), 1, static_cast<float>(share));
    if (watching_) count(plan, part, sums);
  }
  const GradientNorms norms = optimiser_.norms(sum_.data());
  step_by(sum_.data(), norms, lr);
  step_ = step;
  add_norms(norms, sums);
}

}  // namespace rectify::train
