#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/model/model.h"
#include "tests/helpers.h"

namespace rectify::diagnose {

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

inline std::vector<float> random_input(std::size_t n, std::uint64_t seed) {
  const Random random(seed, 1000);
  std::vector<float> input(n);
  for (std::size_t i = 0; i < n; ++i) input[i] = static_cast<float>(random.normal(i));
  return input;
}

/// Expects an Error whose text has all of these parts.
template <class Act>
void expect_error(const Act& act, const std::vector<std::string>& parts) {
  const std::string text = error_of(act);
  EXPECT_FALSE(text.empty()) << "no error with " << parts[0];
  for (const std::string& part : parts) EXPECT_TRUE(contains(text, part)) << text << ": " << part;
}

}  // namespace rectify::diagnose
