#pragma once

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/norm/softmax.h"

namespace rectify::run::cpu {

/// A step that runs such a loop over tiles of rows. (Not in softmax.h, which is also compiled for
/// each instruction set: inline functions must not be.)
Step over_rows(const Lowering& lowering, SoftmaxLoops::Forward loop);
Step over_rows(const Lowering& lowering, SoftmaxLoops::Gradient loop);

}  // namespace rectify::run::cpu
