#include "rectify/verify/kernels.h"

#include "rectify/base/instruction_set.h"

namespace rectify::verify {

RECTIFY_CHOOSE_BY_ISA(Kernels, kernels)

}  // namespace rectify::verify
