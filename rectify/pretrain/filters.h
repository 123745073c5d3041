#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rectify/pretrain/convolutional.h"

namespace rectify::pretrain {

/// What the units of a layer look for in a sample: rows of `inputs` weights, one a unit, strongest
/// first.
struct Filters {
  std::size_t inputs = 0;
  std::vector<std::size_t> units;  ///< their numbers
  std::vector<float> weights;      ///< units x inputs

  /// The weights as grey levels: 0 is 1/2, and the largest magnitude of each filter is 0 or 1.
  std::vector<float> levels() const;
};

/// The filters of the last of some layers, of which `weights` has the matrices from the data
/// upwards, row-major: its own weights where it is the first, otherwise sums of the filters below,
/// weighted by its own (Lee, Ekanadham & Ng 2008). At most `most` of them, by their norms.
Filters filters_of(std::span<const std::span<const float>> weights, std::size_t inputs,
                   std::size_t most);

/// Filters of convolutional machines.
struct KernelFilters {
  Shape shape;      ///< of one: as far as a unit sees
  Filters filters;  ///< each of shape.size() weights
};

/// The same of the last of some convolutional machines, from the data upwards.
KernelFilters filters_of(std::span<const ConvolutionalMachine> machines, std::size_t most);

}  // namespace rectify::pretrain
