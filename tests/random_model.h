#pragma once

// Networks with drawn or given parameters, for tests of what a network as a whole can do.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/model/model.h"

namespace rectify {

/// Sets one parameter.
inline void set_parameter(model::Model& model, const std::string& label,
                          const std::vector<float>& values) {
  const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
  ASSERT_EQ(slot.size, values.size()) << label;
  std::ranges::copy(values, model.parameters.data() + slot.offset);
}

/// Draws all parameters: weights with variance 2 / inputs, biases with deviation 0.3, and states
/// near 1, so that a variance is positive.
inline model::Model random_model(const std::string& text, std::uint64_t seed) {
  model::Model model(text);
  std::uint32_t stream = 0;
  for (const run::ParameterSlot& slot : model.layout.slots()) {
    const Random random(seed, ++stream);
    const std::size_t rank = slot.shape.rank();
    double fan = 1;
    for (std::size_t i = 0; i + 1 < rank; ++i) fan *= static_cast<double>(slot.shape[i]);
    for (std::size_t i = 0; i < slot.size; ++i)
      model.parameters.data()[slot.offset + i] =
          static_cast<float>(slot.state ? 0.5 + random.uniform(i)
                                        : random.normal(i) * (rank > 1 ? std::sqrt(2 / fan) : 0.3));
  }
  return model;
}

}  // namespace rectify
