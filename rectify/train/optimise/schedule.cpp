#include "rectify/train/optimise/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rectify/train/records.h"

namespace rectify::train {

namespace {

constexpr double rise_of_one_cycle = 0.3;  // of all epochs; from the authors' later code

/// Half a cosine: 1 at a share of 0, 0 at a share of 1.
double half_cosine(double share) {
  return 0.5 * (1 + std::cos(std::numbers::pi * std::min(share, 1.0)));
}

/// The share of the time from `begin` to the last epoch's end that has passed: 1 from there on,
/// also where the time is none because the warm-up takes all epochs.
double share_since(const Options& o, double begin, double progress) {
  return progress >= o.epochs ? 1 : (progress - begin) / (o.epochs - begin);
}

double one_cycle(const Options& o, double progress, double rise) {
  const double first = o.lr / o.cycle_div, last = first / o.cycle_final_div;
  if (progress < rise) return o.lr + (first - o.lr) * half_cosine(progress / rise);
  return last + (o.lr - last) * half_cosine(share_since(o, rise, progress));
}

/// The share of its period that has passed, `since` epochs after the first period began.
double share_of_period(const Options& o, double since) {
  double period = o.restart_every;
  if (o.restart_factor == 1) return std::fmod(since, period) / period;
  for (; since >= period; period *= o.restart_factor) since -= period;
  return since / period;
}

}  // namespace

double warmup_epochs(const Options& o) {
  if (o.warmup >= 0) return o.warmup;
  return o.schedule == Schedule::one_cycle ? rise_of_one_cycle * o.epochs
                                           : std::min(1.0, o.epochs / 8.0);
}

double rate_at(const Options& o, double progress, int falls) {
  const double warmup = warmup_epochs(o);
  if (o.schedule == Schedule::one_cycle) return one_cycle(o, progress, warmup);
  if (progress < warmup) return o.lr * (progress + 1e-3) / (warmup + 1e-3);
  switch (o.schedule) {
    case Schedule::constant:
    case Schedule::one_cycle:  // above
      break;
    case Schedule::step:
      return o.lr * std::pow(o.step_factor, std::floor(progress / o.step_every));
    case Schedule::cosine:
      return o.lr * half_cosine(share_since(o, warmup, progress));
    case Schedule::cosine_restarts:
      return o.lr * half_cosine(share_of_period(o, progress - warmup));
    case Schedule::plateau:
      return o.lr * std::pow(o.step_factor, falls);
  }
  return o.lr;
}

bool depends_on_epochs(Schedule schedule) {
  return schedule == Schedule::cosine || schedule == Schedule::one_cycle;
}

int plateau_falls(const Options& o, const std::vector<EpochRecord>& history) {
  int falls = 0, waited = 0;
  std::pair<double, double> best(INFINITY, INFINITY);
  for (const EpochRecord& record : history) {
    const std::pair now(record.weighted_error.value_or(record.validation_error),
                        record.judged_loss());
    const bool better = now < best;
    best = std::min(best, now);
    waited = better || record.epoch <= warmup_epochs(o) ? 0 : waited + 1;
    if (waited < o.plateau_patience) continue;
    ++falls;
    waited = 0;
  }
  return falls;
}

}  // namespace rectify::train
