#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

std::size_t channels_of(const Context& c, std::size_t input) {
  return static_cast<std::size_t>(graph::last_extent(c.graph, c.node.inputs[input]));
}

void statistics(Context& c) {
  const std::size_t channels = channels_of(c, 0);
  if (!c.training) {
    std::copy(c.in(1).begin(), c.in(1).end(), c.output.begin());
    std::copy(c.in(2).begin(), c.in(2).end(), c.output.begin() + channels);
    return;
  }
  const std::vector<double>& x = c.in(0);
  const auto n = static_cast<double>(x.size() / channels);
  for (std::size_t i = 0; i < x.size(); ++i) c.output[i % channels] += x[i] / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double d = x[i] - c.output[i % channels];
    c.output[channels + i % channels] += d * d / n;
  }
}

/// 1 / sqrt(variance + epsilon) of each channel.
std::vector<double> inverses(const Context& c, const std::vector<double>& statistics) {
  const double epsilon = c.node.attributes.number("epsilon");
  std::vector<double> all(statistics.begin() + statistics.size() / 2, statistics.end());
  for (double& variance : all) variance = 1 / std::sqrt(variance + epsilon);
  return all;
}

void forward(Context& c) {
  const std::size_t channels = channels_of(c, 0);
  const bool affine = c.node.inputs.size() > 2;
  const std::vector<double> inverse = inverses(c, c.in(1));
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const std::size_t channel = i % channels;
    const double z = (c.in(0)[i] - c.in(1)[channel]) * inverse[channel];
    c.output[i] = affine ? z * c.in(2)[channel] + c.in(3)[channel] : z;
  }
}

void next_mean(Context& c) {
  const double m = c.node.attributes.number("momentum");
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = (1 - m) * c.in(0)[i] + m * c.in(1)[i];
}

void next_variance(Context& c) {
  const double m = c.node.attributes.number("momentum");
  const auto n = static_cast<double>(c.batch * c.node.attributes.integer("positions"));
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = (1 - m) * c.in(0)[i] + m * n / (n - 1) * c.in(1)[c.output.size() + i];
}

void sums(Context& c) {
  const std::size_t channels = channels_of(c, 1);
  const std::vector<double> inverse = inverses(c, c.in(2));
  for (std::size_t i = 0; i < c.in(0).size(); ++i) {
    const std::size_t channel = i % channels;
    const double z = (c.in(1)[i] - c.in(2)[channel]) * inverse[channel];
    c.output[channel] += c.in(0)[i];
    c.output[channels + channel] += c.in(0)[i] * z;
  }
}

void gradient(Context& c) {
  const std::size_t channels = channels_of(c, 1);
  const double share = c.training ? 1 / static_cast<double>(c.output.size() / channels) : 0;
  const std::vector<double>& sums = c.in(3);
  const std::vector<double> inverse = inverses(c, c.in(2));
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const std::size_t channel = i % channels;
    const double z = (c.in(1)[i] - c.in(2)[channel]) * inverse[channel];
    c.output[i] = (c.in(0)[i] - share * (sums[channel] + z * sums[channels + channel])) *
                  inverse[channel] * (c.node.inputs.size() > 4 ? c.in(4)[channel] : 1);
  }
}

}  // namespace

std::span<const Loop> batch_norm() {
  static const Loop all[] = {{"batch_norm", forward},     {"batch_norm_statistics", statistics},
                             {"running_mean", next_mean}, {"running_variance", next_variance},
                             {"batch_norm_sums", sums},   {"batch_norm_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
