#pragma once

#include <cstddef>

namespace rectify::lab {

/// Adds up n floats at x, a multiple of 256 of them, with the widest loads that this processor has:
/// what reading them costs and nothing else. The result is of no use.
float read_floats(const float* x, std::size_t n);

}  // namespace rectify::lab
