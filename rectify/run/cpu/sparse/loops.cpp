#include "rectify/run/cpu/sparse/loops.h"

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(SparseLoops, sparse_loops)

}  // namespace rectify::run::cpu
