#pragma once

#include <cstddef>

namespace rectify::lab {

/// Adds up the n floats at x with the widest loads that this processor has, so that its time is the
/// time of reading them. n is a multiple of 256; the sum itself is not needed.
float read_floats(const float* x, std::size_t n);

}  // namespace rectify::lab
