#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
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

/// The function of one ONNX node, of numbers that all depend on the same x.
using Pointwise = std::function<double(std::span<const double>)>;

struct Formula;

/// What a node reads: another formula, a constant, or, without either, x itself.
struct Argument {
  std::shared_ptr<const Formula> formula = nullptr;
  std::optional<double> constant = {};
};

/// y = f(x) for every element x of a node's value, where f is composed of several ONNX nodes. It
/// becomes a node of the graph only when an operator needs the value of y.
struct Formula {
  Pointwise function;               ///< of the last node, which gives y of ...
  std::vector<Argument> arguments;  ///< ... these
  Samples samples;
  std::vector<double> constants;  ///< of its nodes: candidates for the row's parameter
  std::string last;               ///< the ONNX operator that gives y ...
  std::string label;              ///< ... and its node's name
  int depth = 1;                  ///< how many formulas are nested
  /// Computes the value in another way; for functions that are not a row as a whole.
  std::function<View(Reader&)> otherwise;
  std::optional<graph::NodeId> node = {};  ///< the node that computes y, once there is one
};

/// A formula from its last node, with its samples.
std::shared_ptr<Formula> compose(Pointwise function, std::vector<Argument> arguments);

/// Places at which a formula may differ from a function that equals it at sample_places(), and its
/// values there. They reach to 1e38, and lie close to both sides of each kink: wherever an argument
/// of a node becomes 0 or crosses another one, as x does the limits of a Clip.
struct Trial {
  Samples places, values;
};

/// The trial of a formula; nothing if that would take too long, or if a constant is not finite.
std::optional<Trial> trial_of(const Formula& formula);

/// Whether f equals a function wherever its trial looks: accepts(x, f(x)) says so for one place.
/// Formulas overflow where rows do not, so values that are not finite count only near 0.
template <class Accepts>
bool passes(const std::optional<Trial>& trial, const Accepts& accepts) {
  if (!trial) return false;
  const double far = sample_places().back();
  for (std::size_t i = 0; i < trial->places.size(); ++i) {
    const double x = trial->places[i], y = trial->values[i];
    if (!std::isfinite(y) && std::abs(x) > far) continue;
    if (!accepts(x, y)) return false;
  }
  return true;
}

/// The attributes of the `activate` node that computes f: `row`, its number, `learn`. If several
/// rows equal f, as elu and celu with a = 1 do, the row with the operator Formula::last is taken.
/// Nothing if f is not an activation.
std::optional<graph::Attributes> row_of(const Formula& formula);

/// {a, b} if f(x) = a x + b, else nothing.
std::optional<std::array<double, 2>> line_of(const Formula& formula);

/// Whether a value is `want` up to the rounding of constants to float.
inline bool alike(double value, double want) {
  return std::abs(value - want) <= 1e-7 + 4e-6 * std::abs(want);
}

}  // namespace rectify::onnx
