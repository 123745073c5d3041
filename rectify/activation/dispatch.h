#pragma once

#include "rectify/activation/kernels.h"
#include "rectify/base/instruction_set.h"

// What the *.kernel.cpp files of this folder offer, once an instruction set: each fills its part of
// a table of Kernels in the order of Family.

namespace rectify {
#define RECTIFY_DECLARE(isa)                      \
  namespace isa {                                 \
  void fill_forward(activation::Kernels* table);  \
  void fill_backward(activation::Kernels* table); \
  void fill_fused(activation::Kernels* table);    \
  void fill_bfloat16(activation::Kernels* table); \
  void fill_varying(activation::Kernels* table);  \
  }
RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE)
#undef RECTIFY_DECLARE
}  // namespace rectify
