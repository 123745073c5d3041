#pragma once

#include "rectify/report/comparison.h"

namespace rectify::report {

/// A made-up comparison with the shapes of a real one: smooth learning curves that differ by
/// activation, rectifiers with zeros and dead units, saturating functions with vanishing gradients,
/// a learning rate that diverged. `activations` in 1..12; the same arguments give the same numbers.
Comparison sample_comparison(int activations, int seeds = 5, int epochs = 30, int classes = 10,
                             int layers = 3);

}  // namespace rectify::report
