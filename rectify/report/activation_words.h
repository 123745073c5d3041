#pragma once

#include <array>
#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/activation/tails.h"

/// Texts that the table, the sheets and the page of the activations share.
namespace rectify::report {

/// The x at which sheets and pages show value and derivative as numbers.
inline constexpr std::array<double, 6> anchors = {-3, -1, 0, 0.5, 1, 3};

/// The facts of a row as texts: range, saturation and so on.
struct ActivationWords {
  explicit ActivationWords(const activation::Row& row);

  activation::Parameters p;
  activation::Properties properties;
  activation::Tail left, right;
  std::string range;        ///< "[-0.278, inf]"
  std::string saturates;    ///< "left", "right", "both" or "-"
  std::string accuracy;     ///< "value within 4 ulp; slope within 4 ulp, or ..."
  std::string in_training;  ///< what differs between elements in training; empty if nothing
  std::string onnx;         ///< "Relu", or "a subgraph"
  std::vector<std::string> parameters;  ///< "a = 0.01, in [0, 1]: slope on the left"
};

/// The tail in words, "approaches 0, slope 0"; `left` says whether it is the left one.
std::string tail_words(const activation::Tail& tail, bool left);

/// "yes" or "no".
std::string yes(bool truth);

}  // namespace rectify::report
