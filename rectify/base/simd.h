#pragma once

// A vector of floats that is as wide as the instruction set of the including file. Only
// *.kernel.cpp files may include this header: the build compiles each of them once for every
// instruction set, with RECTIFY_ISA set to the set's name.
//
// Everything in this header is in a namespace of that name, and every function is always inlined.
// Otherwise the linker could keep one copy of a function, compiled for a large processor, and call
// it from code for a small one. For the same reason kernels call no inline functions of the
// standard library.

#include "rectify/base/simd_lanes.h"
#include "rectify/base/simd_memory.h"
#include "rectify/base/simd_vector.h"
