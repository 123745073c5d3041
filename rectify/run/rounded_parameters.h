#pragma once

#include <cstddef>

#include "rectify/run/parameters.h"
#include "rectify/run/storage.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run {

/// All parameters rounded to bfloat16, for plans to read (PlanOptions::rounded) instead of rounding
/// them in every run. Whoever changes the parameters says so here.
class RoundedParameters {
 public:
  explicit RoundedParameters(const ParameterLayout& layout) : rounded_((layout.floats() + 1) / 2) {}

  /// Rounds `count` of them again, `first` counted in the layout's flat memory.
  void update(const float* parameters, std::size_t first, std::size_t count);

  /// The parameter of `size` elements that stands at `offset` in the layout, as bfloat16.
  Storage at(std::size_t offset, std::size_t size);

 private:
  Buffer rounded_;
};

}  // namespace rectify::run
