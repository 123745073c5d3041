#pragma once

// Small options for the tests of this folder, and the data that they are for.

#include "rectify/train/options.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"
#include "tests/toy_data.h"

namespace rectify::train {

inline Options toy_options() {
  Options o;
  o.data = "moons";
  o.model = "2 : dense 16 | relu | dense 12 | tanh | dense 2";
  o.epochs = 4;
  o.batch = 16;
  o.lr = 0.05;
  o.warmup = 0;
  return o;
}

}  // namespace rectify::train
