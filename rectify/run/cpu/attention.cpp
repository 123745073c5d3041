#include "rectify/run/cpu/attention.h"

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(AttentionLoops, attention_loops)

}  // namespace rectify::run::cpu
