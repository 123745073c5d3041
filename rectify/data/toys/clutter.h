#pragma once

#include <cstdint>
#include <vector>

#include "rectify/data/toys/scene.h"

namespace rectify::data {

/// The background of a cluttered sample, and the toy that comes into its picture from the rim.
struct Clutter {
  int category = 0;  ///< of the toy at the rim
  int instance = 0;
  Pose pose;
  double apart = 0;  ///< how far the backgrounds of two cameras are apart, in 1/96 of the width
};

/// What surrounds sample number `sample`.
Clutter clutter_of(const ToySplit& split, std::size_t sample, const Scene& scene);

/// Fills `levels` with the background of size x size pixels: clouds of three sizes, with discs and
/// bars before them; 0 is black, 1 white. `shift` moves it to the right, in 1/96 of the width.
void paint_background(const ToySplit& split, std::size_t sample, double shift, int size,
                      std::vector<float>& levels);

}  // namespace rectify::data
