#pragma once

#include <algorithm>

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

}  // namespace rectify::verify
