#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rectify/graph/attributes.h"
#include "rectify/onnx/view.h"

namespace rectify::onnx {

class Reader;

/// The values of a function of one number at sample_places(). By them a row of the family is
/// recognised, whichever operators a model composes it from.
using Samples = std::vector<double>;

/// The numbers at which functions are compared, ascending, from -40 to 40.
const Samples& sample_places();

/// y = f(x) for every element x of a node's value, where f is composed of several ONNX nodes. It
/// becomes a node of the graph only when an operator needs the value of y.
struct Formula {
  Samples samples;
  std::vector<double> constants;  ///< of its nodes: candidates for the row's parameter
  std::string last;               ///< the ONNX operator that gives y ...
  std::string label;              ///< ... and its node's name
  int depth = 1;                  ///< how many formulas are nested
  /// Computes the value in another way; for functions that are not a row as a whole.
  std::function<View(Reader&)> otherwise;
  std::optional<graph::NodeId> node = {};  ///< the node that computes y, once there is one
};

/// The attributes of the `activate` node that computes f: `row`, its number, `learn`. If several
/// rows equal f, as elu and celu with a = 1 do, the row with the operator Formula::last is taken.
/// Nothing if f is not an activation.
std::optional<graph::Attributes> row_of(const Formula& formula);

/// {a, b} if f(x) = a x + b, else nothing.
std::optional<std::array<double, 2>> line_of(const Samples& samples);

/// Whether two functions are the same up to the rounding of their constants to float.
bool alike(const Samples& a, const Samples& b);

}  // namespace rectify::onnx
