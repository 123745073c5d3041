#pragma once

#include <array>
#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/activation/tails.h"

/// Texts about activations that the table, the sheet and the page share.
namespace rectify::report {

/// The numbers at which sheets and pages print value and derivative.
inline constexpr std::array<double, 6> anchors = {-3, -1, 0, 0.5, 1, 3};

/// The properties of a row as text.
struct ActivationWords {
  explicit ActivationWords(const activation::Row& row);

  activation::Parameters p;
  activation::Properties properties;
  activation::Tail left, right;
  std::string range;        ///< "[-0.278, inf]"
  std::string saturates;    ///< "left", "right", "both" or "-"
  std::string accuracy;     ///< "value within 4 ulp; slope within 4 ulp, or ..."
  std::string in_training;  ///< what differs between elements in training; empty: nothing
  std::string onnx;         ///< "Relu", or "a subgraph"
  std::vector<std::string> parameters;  ///< "a = 0.01, in [0, 1]: slope on the left"
};

/// The words for a tail: "approaches 0, slope 0".
std::string tail_words(const activation::Tail& tail, bool left);

/// "yes" or "no".
std::string yes(bool truth);

}  // namespace rectify::report
