#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::activation {

/// The numbers that shape a row, such as the slope of leaky_relu. They are in the order of
/// Row::parameters.
using Parameters = std::array<double, 2>;

/// The description of one number that shapes a row.
struct ParameterInfo {
  std::string_view name;  ///< as users type it: leaky_relu a=0.02
  double value;           ///< the default
  double low, high;       ///< the accepted range, inclusive
  std::string_view meaning;
};

/// The default distribution of the weights of a layer that feeds this activation.
enum class Initialiser { he_normal, lecun_normal, glorot_uniform, gain_normal };

/// The initialiser's name in a model's text: "he_normal".
std::string_view name_of(Initialiser initialiser);

/// How one number of a row may differ between elements, instead of being one constant.
enum class Varying {
  none,
  learned,    ///< a parameter that training changes, one for each channel (the last axis)
  learnable,  ///< learned if the item in the model's text says learn=yes; else constant
  uniform,    ///< drawn from U(parameters[0], parameters[1]) for each element in training
  normal,     ///< drawn from N(0, 1) for each element in training
};

constexpr bool may_be_learned(Varying varying) {
  return varying == Varying::learned || varying == Varying::learnable;
}

/// The largest error of the float kernels, in units in the last place (ulp) of the exact result.
struct Accuracy {
  double value = 4;
  double slope = 4;            ///< within 0.5 of a zero of the slope: 1e-7 absolute instead
  std::string_view note = "";  ///< an explanation, for people
};

/// All facts and functions of one activation; one row of the family. It is filled from the
/// activation's struct in family.h.
///
///     const activation::Row& row = activation::find("leaky_relu");
///     row.value(-2, row.defaults());  // -0.02
///     row.slope(-2, {0.3});           // 0.3: with the slope a = 0.3 on the left
struct Row {
  std::string_view name;
  std::span<const std::string_view> aliases;
  std::string_view formula;     ///< for people: "max(0, x)"
  std::string_view derivative;  ///< for people: "1 if x > 0 else 0"
  std::string_view kink;        ///< the slope used where there is no derivative; empty if smooth
  std::string_view source;      ///< paper that introduced it
  std::string_view onnx;        ///< operator of the ONNX standard; empty: written as a subgraph
  std::span<const ParameterInfo> parameters;
  Initialiser initialiser;
  Accuracy accuracy;
  Varying varying;
  bool slope_from_output;  ///< from_output(defaults())
  /// Whether the derivative can be computed from the output, so that training need not keep the
  /// input. (A relu whose derivative at 0 is not 0 needs the input.)
  bool (*from_output)(const Parameters& p);
  /// Whether the derivative is always 0 or 1, so that one bit can store it.
  bool (*mask_slope)(const Parameters& p);
  bool rectifier;  ///< warn where it ends a classifier: it cannot rank scores below zero

  double (*value)(double x, const Parameters& p);  ///< the definition, in double precision
  double (*slope)(double x, const Parameters& p);
  /// The derivative, computed from the output y; null where no parameters allow that.
  double (*output_slope)(double y, const Parameters& p);
  /// The functions of a row with a varying number, which is a: the value, the derivative in x, and,
  /// for a learned number, the derivative in a. Null for rows that do not have them.
  double (*value_at)(double x, double a);
  double (*slope_at)(double x, double a);
  double (*parameter_slope)(double x, double a);
  std::size_t index;  ///< position in family()

  Parameters defaults() const;
};

/// All rows of the family, in the order of family.h.
std::span<const Row> family();

/// The row with this name or alias. Throws Error, which suggests the nearest name, when there is
/// none.
const Row& find(std::string_view name);

/// The row with this name or alias; null when there is none.
const Row* find_or_null(std::string_view name);

/// Throws Error when a parameter is outside its range (Row::parameters).
void check_parameters(const Row& row, const Parameters& p);

/// The names of all rows, without aliases, for suggestions and lists.
std::vector<std::string> names();

/// 1 / sqrt(E[f(z)^2]) for z ~ N(0, 1), by quadrature. An initialiser with this gain keeps the
/// second moment of a layer's values.
double gain(const Row& row, const Parameters& p);

/// Properties that are computed from a row's definition; nobody types them. Extremes are looked for
/// where kinks() looks, and at both infinities: enough for parameters within their ranges.
struct Properties {
  double low, high;  ///< range of the values; may be infinite
  bool saturates_left, saturates_right;
  bool zero_centred;     ///< values have both signs and are symmetric about 0
  double largest_slope;  ///< the largest absolute value of the derivative
  bool exact_zeros;      ///< whole intervals map to exactly 0
  bool smooth;           ///< the derivative has no jump
  double gain;
};
Properties properties(const Row& row, const Parameters& p);

/// Properties::exact_zeros alone, which takes microseconds.
bool has_exact_zeros(const Row& row, const Parameters& p);

/// kinks(): where the derivative or the value jumps. turning_points(): where the value changes
/// between rising, falling and constant. Both are ascending, to 1e-9. Both search [-256, 256]: at
/// 64 points a unit up to ±16, and at 4 points a unit beyond.
std::vector<double> kinks(const Row& row, const Parameters& p);
std::vector<double> turning_points(const Row& row, const Parameters& p);

/// All numbers from low to high; the ends may be infinite.
struct Interval {
  double low, high;
};
/// Bounds of a row's values over an interval. The resulting interval holds every value of the
/// function and of its float kernels; it is too wide only by the kernels' accuracy. The constructor
/// is slow, because it finds the row's turning points; the call is fast.
///
///     const Bounds bounds(find("relu"), find("relu").defaults());
///     const Interval y = bounds({-1, 2});  // [0, 2], a little wider for rounding
class Bounds {
 public:
  /// Throws Error when a parameter is outside its range: turning points may be too far out to be
  /// found then.
  Bounds(const Row& row, const Parameters& p);
  /// Throws Error where x.low > x.high or where an end is a NaN.
  Interval operator()(Interval x) const;

 private:
  const Row& row_;
  Parameters p_;
  std::vector<double> turns_;  ///< turning points, kinks, and points close to the kinks
};

}  // namespace rectify::activation
