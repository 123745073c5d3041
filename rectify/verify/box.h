#pragma once

#include <algorithm>

#include "rectify/data/dataset.h"
#include "rectify/verify/property.h"

namespace rectify::verify {

inline bool is_empty(const Box& box) {
  for (std::size_t i = 0; i < box.lower.size(); ++i)
    if (!(box.lower[i] <= box.upper[i])) return true;
  return false;
}

/// The inputs of a box and what they are rounded to in float32.
inline Box with_rounded_ends(Box box) {
  for (std::size_t i = 0; i < box.lower.size(); ++i) {
    box.lower[i] = std::min<double>(box.lower[i], static_cast<float>(box.lower[i]));
    box.upper[i] = std::max<double>(box.upper[i], static_cast<float>(box.upper[i]));
  }
  return box;
}

/// Throws Error for a box that does not bound so many inputs, or that is empty.
void check_box(const Box& box, std::size_t inputs);

/// The box of what the data hold, training and test samples: from the least to the largest number
/// of each feature, and from 0 to 255 for images of bytes. Throws Error where no sample is there.
Box box_of(const data::Dataset& dataset);

}  // namespace rectify::verify
