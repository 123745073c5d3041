#include "rectify/pretrain/likelihood/loops.h"

#include "rectify/base/instruction_set.h"

namespace rectify::pretrain {

RECTIFY_CHOOSE_BY_ISA(LikelihoodLoops, likelihood_loops)

}  // namespace rectify::pretrain
