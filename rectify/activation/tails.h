#pragma once

#include <string>

#include "rectify/activation/activation.h"

namespace rectify::activation {

/// How a row behaves far out on one side, found from its value and slope in double precision.
struct Tail {
  enum class Kind {
    equals,      ///< equals the line factor·x + offset, from `from` on
    approaches,  ///< approaches the line without meeting it
    power,       ///< grows as factor·|x|^power; no line is an asymptote
    none,        ///< there is no limit, or no limit was found
  };
  double value;  ///< limit of the value, ±infinity where it grows; NaN where there is none
  double slope;  ///< limit of the derivative, likewise
  Kind kind;
  double factor, offset;  ///< the line's; for power only `factor`
  double power;           ///< 1 for a sloping line, 0 for a level line
  double from;            ///< equals: where the line begins; otherwise NaN
  bool holds_at_from;     ///< whether the line includes the point `from` itself
};

/// The tail as x -> -inf, and the tail as x -> inf.
Tail left_tail(const Row& row, const Parameters& p);
Tail right_tail(const Row& row, const Parameters& p);

/// The tail in words: "is 0 for x <= 0", "approaches 1", "grows as x", "grows as x^2". `left` says
/// whether it is the left tail.
std::string text_of(const Tail& tail, bool left);

}  // namespace rectify::activation
