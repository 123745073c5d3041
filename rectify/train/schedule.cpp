#include "rectify/train/schedule.h"

#include <cmath>
#include <numbers>

namespace rectify::train {

std::vector<std::string> schedule_names() { return {"constant", "step", "cosine"}; }

double rate_at(const Options& o, double progress) {
  if (progress < o.warmup) return o.lr * (progress + 1e-3) / (o.warmup + 1e-3);
  if (o.schedule == "step") return o.lr * std::pow(o.step_factor, std::floor(progress / o.step_every));
  if (o.schedule == "cosine") {
    const double share = (progress - o.warmup) / (o.epochs - o.warmup);
    return o.lr * 0.5 * (1 + std::cos(std::numbers::pi * std::min(share, 1.0)));
  }
  return o.lr;
}

}  // namespace rectify::train
