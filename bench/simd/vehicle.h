#pragma once

#include <cstddef>
#include <vector>

// Three functions, the same arithmetic in each vehicle: relu; sigmoid by an exponential with a
// polynomial of degree 6 (rectify/activation/math_simd.h); gelu by that exponential, a quotient and
// a polynomial of degree 9. n is a multiple of 64: what a vehicle does about the rest of an array
// is not compared.

namespace rectify::vehicles {

using Function = void (*)(const float* x, float* y, std::size_t n);

/// A vehicle's functions for one instruction set.
struct Vehicle {
  const char* name;
  const char* isa;
  Function relu, sigmoid, gelu;
};

// For each *.cpp of this folder one or two, null functions where the vehicle cannot.
Vehicle own_avx512();
Vehicle own_avx2();
Vehicle highway_avx512();
Vehicle highway_avx2();
Vehicle xsimd_avx512();
Vehicle xsimd_avx2();
Vehicle clones_all();
Vehicle clones_avx2();

}  // namespace rectify::vehicles
