#pragma once

#include <cstddef>
#include <cstdint>

// The loops of Loops that draw random numbers, whose comments say what they do. Only for
// *.kernel.cpp files.

namespace rectify::run::cpu::RECTIFY_ISA {

void dropout(const float* x, float* y, std::size_t first, std::size_t n, std::uint64_t seed,
             std::uint32_t stream, std::uint32_t step, std::uint32_t threshold, float scale,
             float kept, float dropped);
void uniform(float* y, std::size_t first, std::size_t n, std::uint64_t seed, std::uint32_t stream,
             std::uint32_t step, double low, double high);
void normal(float* y, std::size_t first, std::size_t n, std::uint64_t seed, std::uint32_t stream,
            std::uint32_t step);

}  // namespace rectify::run::cpu::RECTIFY_ISA
