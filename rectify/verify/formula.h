#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "rectify/verify/vnnlib.h"

namespace rectify::verify {

/// Of a file of VNN-LIB: X_3 or Y_3.
struct Variable {
  bool output = false;
  std::size_t index = 0;
  auto operator<=>(const Variable&) const = default;
};

/// The sum of coefficients times variables is at most `bound`, or below it where it is strict. The
/// variables are all inputs or all outputs. Without any, 0 is compared with the bound.
struct Inequality {
  std::map<Variable, double> terms;
  double bound = 0;
  bool strict = false;
  std::size_t line = 0;
};

/// Inequalities joined by `and` and `or`.
struct Formula {
  enum class Kind { inequality, all, any };
  Kind kind = Kind::all;
  Inequality inequality;
  std::vector<Formula> parts;
};

/// The disjunctive normal form of assertions that all must hold. `file` has the numbers of inputs
/// and outputs, and gets the rest. Throws Error for what no box and half spaces can say, and for
/// more than most_cases cases.
void put_cases(const Formula& assertions, const std::string& name, VnnLib& file);

}  // namespace rectify::verify
