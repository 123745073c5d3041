#include "rectify/train/loop.h"

#include <algorithm>

namespace rectify::train {

namespace {

/// Every how many steps of an epoch the gradients' norms are taken, which needs them stored.
constexpr std::size_t norms_every = 64;

}  // namespace

bool run_epoch(const EpochTask& task, Step& step, Feed& feed, const LoopObservers& observers,
               const ProgressCallback& progress, const StopCallback& stop) {
  feed.begin_epoch(static_cast<std::uint32_t>(task.epoch));
  step.begin_epoch(task.epoch);
  const std::size_t size = task.samples_a_step;
  const std::size_t steps = (task.samples.size() + size - 1) / size;
  for (std::size_t s = 0; s < steps; ++s) {
    if (stop && stop()) return false;
    const double done = task.epoch + static_cast<double>(s) / static_cast<double>(steps);
    const auto samples =
        task.samples.subspan(s * size, std::min(size, task.samples.size() - s * size));
    const bool want_norms = observers.norms && s % norms_every == 0;
    const auto norms = step.take(feed, samples, task.rate(done), want_norms, observers.batch);
    if (norms && observers.norms) observers.norms(*norms);
    if (observers.step) observers.step();
    if (progress)
      progress({.text = concat("epoch ", task.epoch + 1, " of ", task.epochs),
                .done = (done + 1.0 / static_cast<double>(steps)) / task.epochs});
  }
  return true;
}

}  // namespace rectify::train
