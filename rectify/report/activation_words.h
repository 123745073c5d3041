#pragma once

#include <array>
#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/activation/tails.h"

/// Wordings that the table, the sheet and the page of the activations share.
namespace rectify::report {

/// Where sheets and pages show value and derivative as numbers.
inline constexpr std::array<double, 6> anchors = {-3, -1, 0, 0.5, 1, 3};

/// Range, saturation and the rest of a row, as text.
struct ActivationWords {
  explicit ActivationWords(const activation::Row& row);

  activation::Parameters p;
  activation::Properties properties;
  activation::Tail left, right;
  std::string range;        ///< "[-0.278, inf]"
  std::string saturates;    ///< "left", "right", "both" or "-"
  std::string accuracy;     ///< "value within 4 ulp; slope within 4 ulp, or ..."
  std::string in_training;  ///< what differs from element to element then; empty if nothing does
  std::string onnx;         ///< "Relu", or "a subgraph"
  std::vector<std::string> parameters;  ///< "a = 0.01, in [0, 1]: slope on the left"
};

/// "approaches 0, slope 0", for a tail on the left or on the right.
std::string tail_words(const activation::Tail& tail, bool left);

/// "yes" or "no".
std::string yes(bool truth);

}  // namespace rectify::report
