#pragma once

#include <cmath>
#include <string_view>

#include "rectify/base/random.h"
#include "rectify/pretrain/machine.h"

namespace rectify::pretrain {

/// A machine with normal weights and biases of the given deviations.
inline Machine small_machine(std::string_view visible, std::size_t d, std::string_view hidden,
                             std::size_t h, std::uint64_t seed, double deviation = 0.7,
                             int copies = 3) {
  const activation::Unit& type = activation::unit(hidden);
  Machine machine{.visible = &activation::unit(visible),
                  .hidden = &type,
                  .copies = type.has_copies ? copies : 1,
                  .weight = std::vector<float>(d * h),
                  .visible_bias = std::vector<float>(d),
                  .hidden_bias = std::vector<float>(h)};
  const Random random(seed);
  std::uint64_t i = 0;
  for (float& w : machine.weight) w = static_cast<float>(deviation * random.normal(i++));
  for (float& b : machine.visible_bias) b = static_cast<float>(0.5 * random.normal(i++));
  for (float& c : machine.hidden_bias) c = static_cast<float>(0.5 * random.normal(i++));
  return machine;
}

}  // namespace rectify::pretrain
