#include "rectify/pretrain/likelihood/hidden.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/pretrain/likelihood/loops.h"

namespace rectify::pretrain {

HiddenLayer::HiddenLayer(const Machine& machine)
    : machine_(machine), binary_(machine.hidden->name == "binary") {
  if (machine.hidden->has_copies) copies_.emplace(machine.copies);
  if (machine.hidden->name == "nrelu") copies_.emplace(std::numeric_limits<double>::infinity());
}

double HiddenLayer::log_sum(std::span<const float> x, double scale) const {
  if (binary_ && scale == 1) return likelihood_loops().softplus_sum(x.data(), x.size());
  if (copies_) {
    double sum = 0;
    for (const float v : x) sum += copies_->log_sum(scale * v);
    return sum;
  }
  std::vector<double> scaled(x.begin(), x.end());
  for (double& v : scaled) v *= scale;
  return machine_.hidden->free_energy(scaled, machine_.copies);
}

double HiddenLayer::gain(std::span<const float> x, double from, double to) const {
  if (binary_) return likelihood_loops().softplus_gain(x.data(), x.size(), from, to);
  return log_sum(x, to) - log_sum(x, from);
}

void HiddenLayer::mean(std::span<const float> x, std::span<double> mean) const {
  if (!machine_.hidden->mean) {  // softmax
    const double log_sum = this->log_sum(x);
    for (std::size_t i = 0; i < x.size(); ++i) mean[i] = std::exp(x[i] - log_sum);
    return;
  }
  for (std::size_t i = 0; i < x.size(); ++i)
    mean[i] = copies_ ? copies_->mean(x[i]) : machine_.hidden->mean(x[i], machine_.copies);
}

}  // namespace rectify::pretrain
