#pragma once

#include <cstdint>

namespace rectify::graph {

/// Channel c of place t of the sinusoidal positions (graph/ops/positions.cpp).
double sinusoid(std::int64_t t, std::int64_t c, std::int64_t channels);

}  // namespace rectify::graph
