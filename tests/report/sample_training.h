#pragma once

#include "rectify/report/training.h"

namespace rectify::report {

/// A made-up training run with the shapes of a real one: `epochs` epochs of a network with `layers`
/// hidden layers; of `classes` classes, or for 0 of a regression. The same arguments give the same
/// numbers.
Training sample_training(int classes = 10, int epochs = 12, int layers = 3);

}  // namespace rectify::report
