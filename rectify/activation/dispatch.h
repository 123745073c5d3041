#pragma once

#include "rectify/activation/activation.h"
#include "rectify/base/instruction_set.h"

// The tables that kernels.kernel.cpp makes, one an instruction set, in the order of Family.

namespace rectify {
#define RECTIFY_DECLARE(isa)                       \
  namespace isa {                                  \
  const activation::Kernels* activation_kernels(); \
  }
RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE)
#undef RECTIFY_DECLARE
}  // namespace rectify
