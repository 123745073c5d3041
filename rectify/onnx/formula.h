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

/// What a function of one number is at some places: how a row of the family is known again however
/// a model spells it.
using Samples = std::vector<double>;

/// The places, ascending, from -40 to 40.
const Samples& sample_places();

/// y = f(x) for every element x of a node's value, as ONNX nodes have put it together. It becomes a
/// node of ours when something else wants its value.
struct Formula {
  Samples samples;
  std::vector<double> constants;  ///< met on the way: what a row's number may be
  std::string last;               ///< the ONNX operator that gives y ...
  std::string label;              ///< ... and its node's name
  int depth = 1;                  ///< of formulas in each other
  /// The value in another way, where f as a whole is no row.
  std::function<View(Reader&)> otherwise;
  std::optional<graph::NodeId> node = {};  ///< that computes it, once there is one
};

/// The attributes of an activation that is f: `row`, its number, `learn`. Among rows that are
/// equal, such as elu and celu with a = 1, the one whose operator is Formula::last wins. Nothing
/// when f is none.
std::optional<graph::Attributes> row_of(const Formula& formula);

/// {a, b} when f(x) = a x + b.
std::optional<std::array<double, 2>> line_of(const Samples& samples);

/// Whether two functions are the same up to the rounding of their constants to float.
bool alike(const Samples& a, const Samples& b);

}  // namespace rectify::onnx
