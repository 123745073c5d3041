#pragma once

// A vector of floats as wide as the instruction set that the including file is compiled for. Only
// for *.kernel.cpp files, which are compiled once an instruction set with RECTIFY_ISA naming it.
// All that is defined here lives in a namespace of that name and is always inlined, so that the
// linker can never answer a call from code for a small processor with a body made for a large one.
// For the same reason kernels call no inline functions of the standard library.

#include "rectify/base/simd_lanes.h"
#include "rectify/base/simd_memory.h"
#include "rectify/base/simd_vector.h"
