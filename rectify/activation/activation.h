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

/// The loops over one row for one instruction set. `y` may be `x`, and `dx` may be `dy`.
struct Kernels {
  /// y[i] = f(x[i]) for i in [0, n).
  void (*forward)(const float* x, float* y, std::size_t n, const Parameters& p);
  /// dx[i] = dy[i] * f'(x[i]), where saved[i] is f(x[i]) if the row can tell the derivative from
  /// the output with these parameters (Row::from_output), and x[i] otherwise.
  void (*backward)(const float* saved, const float* dy, float* dx, std::size_t n,
                   const Parameters& p);
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
  bool slope_from_output;  ///< from_output of the default parameters
  /// Whether backward wants the output, which then tells the derivative, rather than the input; a
  /// relu whose derivative at 0 is not 0 needs the input.
  bool (*from_output)(const Parameters& p);
  bool rectifier;  ///< output layer of a classifier: warn (it cannot rank below zero)

  double (*value)(double x, const Parameters& p);  ///< the oracle, in double precision
  double (*slope)(double x, const Parameters& p);
  /// The derivative for the output y; null where no parameters allow it.
  double (*output_slope)(double y, const Parameters& p);
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

/// The row's loops for the widest instruction set that this processor has.
const Kernels& kernels(const Row& row);

/// avx512, avx2 or baseline: what kernels() answers with. RECTIFY_ISA in the environment lowers it.
std::string_view instruction_set();

/// Instruction sets that this processor can run, widest first, and a row's loops for one of them.
std::vector<std::string_view> instruction_sets();
const Kernels& kernels(const Row& row, std::string_view instruction_set);

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

}  // namespace rectify::activation
