#pragma once

#include <cstdint>

namespace rectify::run::cpu {

/// The places of a sample's results and what the window at each covers of an image with its
/// padding: `rows` rows, from which `vectors` vectors are taken, some numbers more than the window
/// has.
struct CoveredImage {
  std::int64_t height, width, units;  ///< of the results
  std::int64_t down, across;          ///< floats of the image from place to place
  std::int64_t rows, vectors, pitch;  ///< of the window; floats from row to row of the image
};

/// A number that is not zero: what it is a factor of.
struct Nonzero {
  float number;
  std::int32_t at;  ///< floats of the image before what its window covers
};

/// Loops of a convolution's gradients, of results that are mostly zeros; built once for each
/// instruction set. Weights, and their gradients, are here units x rows x whole vectors.
struct NonzeroLoops {
  std::int64_t lanes;
  std::int64_t most_vectors;  ///< of a window's row

  /// How many of n numbers are not zero, NaN among them.
  std::int64_t (*count)(const float* numbers, std::int64_t n);
  /// image += the windows' weights times the results that are not zero, place by place.
  void (*spread)(const CoveredImage& of, const float* results, const float* weight, float* image);
  /// Lists the results of a sample that are not zero, of each unit in the order of places:
  /// unit u's begin at list + u height width and are ends[u] many.
  void (*list)(const CoveredImage& of, const float* results, Nonzero* list, std::int32_t* ends);
  /// weight += what the windows cover times the listed results, unit by unit.
  void (*gather)(const CoveredImage& of, const Nonzero* list, const std::int32_t* ends,
                 const float* image, float* weight);
};

/// The loops for this processor.
const NonzeroLoops& nonzero_loops();

}  // namespace rectify::run::cpu
