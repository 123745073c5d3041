#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::activation {

/// The numbers that shape a row, such as the slope of leaky_relu, in the order of Row::parameters.
using Parameters = std::array<double, 2>;

/// One number that shapes a row.
struct ParameterInfo {
  std::string_view name;  ///< as it is typed: leaky_relu a=0.02
  double value;           ///< when none is given
  double low, high;       ///< the range that makes sense, inclusive
  std::string_view meaning;
};

/// How weights are drawn before a layer that feeds this activation, by default.
enum class Initialiser { he_normal, lecun_normal, glorot_uniform, gain_normal };

/// As a model's text spells it: "he_normal".
std::string_view name_of(Initialiser initialiser);

/// What one of a row's numbers may be besides one constant: it varies from element to element.
enum class Varying {
  none,
  learned,    ///< one a channel (the last axis), a parameter that training changes
  learnable,  ///< the same where its item says learn=yes; else the one constant
  uniform,    ///< drawn from U(parameters[0], parameters[1]) for each element in training
  normal,     ///< drawn from N(0, 1) for each element in training
};

constexpr bool may_be_learned(Varying varying) {
  return varying == Varying::learned || varying == Varying::learnable;
}

/// How far the float kernels may be off, in units in the last place of the exact result.
struct Accuracy {
  double value = 4;
  double slope = 4;            ///< but 1e-7 absolute within 0.5 of a zero of the slope
  std::string_view note = "";  ///< what else there is to say, for people
};

/// One activation: everything that is known about it. Filled from its struct in family.h.
struct Row {
  std::string_view name;
  std::span<const std::string_view> aliases;
  std::string_view formula;     ///< for people: "max(0, x)"
  std::string_view derivative;  ///< for people: "1 if x > 0 else 0"
  std::string_view kink;        ///< what is defined where there is no derivative; empty if smooth
  std::string_view source;      ///< paper that introduced it
  std::string_view onnx;        ///< operator of the ONNX standard; empty when it is a subgraph
  std::span<const ParameterInfo> parameters;
  Initialiser initialiser;
  Accuracy accuracy;
  Varying varying;
  bool slope_from_output;  ///< from_output of the default parameters
  /// Whether the output tells the derivative, so that the input need not be kept; a relu whose
  /// derivative at 0 is not 0 needs the input.
  bool (*from_output)(const Parameters& p);
  /// Whether the derivative is only ever 0 or 1, so that a bit tells it.
  bool (*mask_slope)(const Parameters& p);
  bool rectifier;  ///< output layer of a classifier: warn (it cannot rank below zero)

  double (*value)(double x, const Parameters& p);  ///< the oracle, in double precision
  double (*slope)(double x, const Parameters& p);
  /// The derivative for the output y; null where no parameters allow it.
  double (*output_slope)(double y, const Parameters& p);
  /// With the number a in the place of the varying one: value, derivative in x, and, where it is
  /// learned, derivative in a. Null where there is none.
  double (*value_at)(double x, double a);
  double (*slope_at)(double x, double a);
  double (*parameter_slope)(double x, double a);
  std::size_t index;  ///< position in family()

  Parameters defaults() const;
};

/// All rows, in the order of family.h.
std::span<const Row> family();

/// The row of that name or alias. Throws Error suggesting the nearest when there is none.
const Row& find(std::string_view name);

/// Null when there is no row of that name or alias.
const Row* find_or_null(std::string_view name);

/// Names of all rows (no aliases), for suggestions and lists.
std::vector<std::string> names();

/// 1 / sqrt(E[f(z)^2]), z ~ N(0, 1), by quadrature: the initialiser gain that keeps the second
/// moment.
double gain(const Row& row, const Parameters& p);

/// What follows from a row's definition alone; computed, never typed.
struct Properties {
  double low, high;  ///< range of the values; may be infinite
  bool saturates_left, saturates_right;
  bool zero_centred;     ///< takes both signs, symmetric about 0
  double largest_slope;  ///< of the absolute derivative
  bool exact_zeros;      ///< whole intervals map to exactly 0
  bool smooth;           ///< the derivative has no jump
  double gain;
};
Properties properties(const Row& row, const Parameters& p);

/// Where the derivative jumps or the value does, ascending, to 1e-9; and where the value turns from
/// rising to falling or back, or from either to standing still. Found in [-256, 256] by looking 64
/// times in every unit up to 16 and 4 times beyond.
std::vector<double> kinks(const Row& row, const Parameters& p);
std::vector<double> turning_points(const Row& row, const Parameters& p);

/// The numbers from low to high, which may be infinite.
struct Interval {
  double low, high;
};
/// Intervals that hold every value of a row's function, and of its float kernels, over an interval;
/// what they are too wide by is the kernels' accuracy. Finding where the row turns takes a while,
/// an interval then does not.
class Bounds {
 public:
  Bounds(const Row& row, const Parameters& p);
  /// Throws Error where x.low > x.high or either is a NaN.
  Interval operator()(Interval x) const;

 private:
  const Row& row_;
  Parameters p_;
  std::vector<double> turns_;  ///< turning points, kinks, and what lies close by the latter
};

}  // namespace rectify::activation
