#pragma once

#include "rectify/activation/kernels.h"
#include "rectify/base/instruction_set.h"

// What the *.kernel.cpp files of this folder offer, once an instruction set: each fills its part of
// a table of Kernels in the order of Family.

namespace rectify {
RECTIFY_DECLARE_IN_EACH_ISA(void fill_forward(activation::Kernels* table),
                            fill_backward(activation::Kernels* table),
                            fill_fused(activation::Kernels* table),
                            fill_bfloat16(activation::Kernels* table),
                            fill_varying(activation::Kernels* table))
}  // namespace rectify
