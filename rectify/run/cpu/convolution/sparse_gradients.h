#pragma once

#include "rectify/run/cpu/convolution/convolution.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu {

/// A step that computes the gradient of a convolution in its images, or in its weight, from that in
/// its results, of which rectifiers and max pools leave most at zero: what a number that is not
/// zero adds is spread over its window, or gathered from there, and others cost nothing. Each run
/// counts them and, where that is not faster, runs `dense`, which does the same. Returns `dense`
/// where it is not worth counting (docs/decisions/0029).
Step sparse_input_gradient_or(Step dense, const Lowering& l, const ConvolutionSize& size);
Step sparse_weight_gradient_or(Step dense, const Lowering& l, const ConvolutionSize& size);

}  // namespace rectify::run::cpu
