#pragma once

#include <string_view>
#include <vector>

namespace rectify::lab {

/// A loop of multiply-adds in registers that this processor can do.
struct PeakLoop {
  std::string_view precision;  ///< fp32, bf16
  std::string_view name;       ///< of the instructions
  /// Runs `rounds` rounds; returns floating-point operations done, multiply and add counted apart.
  double (*run)(long rounds);
};

/// The loops for the instruction sets that this processor has.
std::vector<PeakLoop> peak_loops();

}  // namespace rectify::lab
