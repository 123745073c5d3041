#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/model/predictor.h"

namespace rectify::verify {

/// A network with drawn parameters: weights with variance 2 / inputs, biases with deviation 0.3,
/// and states near 1, so that a variance is positive.
inline model::Model drawn_model(const std::string& text, std::uint64_t seed) {
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

/// Sets one parameter.
inline void set_numbers(model::Model& model, const std::string& label,
                        const std::vector<float>& values) {
  const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
  ASSERT_EQ(slot.size, values.size()) << label;
  std::copy(values.begin(), values.end(), model.parameters.data() + slot.offset);
}

}  // namespace rectify::verify
