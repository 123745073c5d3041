#include "rectify/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rectify::train {

std::vector<std::string> schedule_names() { return {"constant", "step", "cosine"}; }

double warmup_epochs(const Options& o) {
  return o.warmup >= 0 ? o.warmup : std::min(1.0, o.epochs / 8.0);
}

double rate_at(const Options& o, double progress) {
  const double warmup = warmup_epochs(o);
  if (progress < warmup) return o.lr * (progress + 1e-3) / (warmup + 1e-3);
  if (o.schedule == "step")
    return o.lr * std::pow(o.step_factor, std::floor(progress / o.step_every));
  if (o.schedule == "cosine") {
    const double share = (progress - warmup) / (o.epochs - warmup);
    return o.lr * 0.5 * (1 + std::cos(std::numbers::pi * std::min(share, 1.0)));
  }
  return o.lr;
}

}  // namespace rectify::train
