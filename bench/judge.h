#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "rectify/activation/activation.h"

// Holds float functions against a row's definition in double precision, on the same inputs
// whoever computes them: our kernels, oneDNN, PyTorch (through judge_entry.cpp).

namespace rectify::bench {

enum class Kind { value, slope };
constexpr std::string_view name_of(Kind kind) { return kind == Kind::value ? "value" : "slope"; }

/// The inputs of a sweep, addressed by their number: every float there is, or a stratified choice.
struct Points {
  bool all = false;
  std::uint64_t stratified = 1 << 26;  ///< how many otherwise; a power of two from 2^12 to 2^33

  std::uint64_t count() const;
  /// Of the stratified ones, a half goes over all bit patterns at even distance (each sign and
  /// exponent, pseudo-random low bits), a quarter lies in [-20, 20], an eighth in [-120, 0]; the
  /// last eighth are neighbours of 0, +-1/2, +-1, +-3/2 ... +-128, where kinks and cut-offs are.
  void fill(std::uint64_t first, std::size_t n, float* x) const;
};

/// How far off results were. What rounds to the same float is no error; NaN only matches NaN.
struct Verdict {
  double ulp = 0;  ///< worst error in units in the last place of the exact result (2^-149 at least)
  float at = 0;    ///< where
  double absolute = 0;  ///< within reach of a sign change of the slope: worst absolute error of
  float near_at = 0;    ///< those more than 4 ulp off (or what is allowed); not counted in `ulp`
  double scaled = 0;    ///< worst |error| / max(1, |exact result|), which forgives tails near 0
  std::uint64_t points = 0;
  std::uint64_t over = 0;      ///< numbers outside the contract; the NaN below come on top
  std::uint64_t nan = 0;       ///< NaN where the definition has a value or a limit
  std::uint64_t lost_nan = 0;  ///< a number where the input was NaN

  void add(const Verdict& other);
  nlohmann::json json() const;
};

/// A row with its default parameters as the judge of float results.
class Judge {
 public:
  Judge(const activation::Row& row, Kind kind);

  /// The exact results and the floats nearest to them.
  void expect(const float* x, std::size_t n, double* want, float* nearest) const;
  /// Adds what is to be said about got[i] for x[i].
  void hold(const float* x, const double* want, const float* nearest, const float* got,
            std::size_t n, Verdict& verdict) const;
  /// Nanoseconds that one exact result takes.
  double cost() const;
  double allowed_ulp() const { return allowed_; }
  /// Where the slope changes its sign (empty for values), and how far that excuses.
  const std::vector<double>& sign_changes() const { return sign_changes_; }
  double reach() const { return reach_; }

 private:
  void hold_one(float x, double want, float got, Verdict& verdict) const;
  bool near_sign_change(double x) const;

  double (*function_)(double x, const activation::Parameters& p);
  activation::Parameters p_;
  double allowed_, reach_ = 0.5;
  std::vector<double> sign_changes_;
};

}  // namespace rectify::bench
