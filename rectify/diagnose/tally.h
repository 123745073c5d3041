#pragma once

#include <cstddef>
#include <cstdint>

namespace rectify::diagnose {

/// What is added up over one batch for up to `most` units that lie side by side.
struct GroupSums {
  static constexpr std::size_t most = 64;
  float pivot[most], smallest[most], largest[most];
  float sum[most] = {}, squares[most] = {}, output_sum[most] = {}, output_squares[most] = {};
  std::int32_t firing[most] = {}, flat[most] = {}, zeros[most] = {};
};

struct TallyLoops {
  /// Adds one sample's pre-activations z, outputs y and derivatives of n units; derivatives of a
  /// size below `flat_below` count as flat.
  void (*add_sample)(const float* z, const float* y, const float* slope, float flat_below,
                     std::size_t n, GroupSums& to);
  /// The inner product of two vectors of n numbers.
  double (*product)(const float* a, const float* b, std::size_t n);
};

/// The loops for this processor.
const TallyLoops& tally_loops();

}  // namespace rectify::diagnose
