#pragma once

#include <string_view>
#include <vector>

#include "rectify/train/options.h"

namespace rectify::lab {

/// A loop of multiply-adds in registers.
struct PeakLoop {
  train::Precision precision;  ///< of the factors
  std::string_view name;       ///< of the instructions
  /// Runs `rounds` rounds; returns floating-point operations done, multiply and add counted apart.
  double (*run)(long rounds);
};

/// The loops that this processor can run.
std::vector<PeakLoop> peak_loops();

}  // namespace rectify::lab
