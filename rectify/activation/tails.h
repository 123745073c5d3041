#pragma once

#include <string>

#include "rectify/activation/activation.h"

namespace rectify::activation {

/// How a row behaves far out on one side, found from value and slope in double precision.
struct Tail {
  enum class Kind {
    equals,      ///< is the line factor·x + offset, from `from` on
    approaches,  ///< comes ever closer to the line, without meeting it
    power,       ///< grows as factor·|x|^power, with no line for an asymptote
    none,        ///< there is no limit, or none that this finds
  };
  double value;  ///< limit of the value, ±infinity where it grows; NaN where there is none
  double slope;  ///< limit of the derivative, likewise
  Kind kind;
  double factor, offset;  ///< of the line; factor alone for power
  double power;           ///< 1 for a line that is not level, 0 for a level one
  double from;            ///< equals: where the line begins; otherwise NaN
  bool holds_at_from;     ///< whether it already holds there, rather than just beyond
};

/// The tails as x -> -inf and as x -> inf.
Tail left_tail(const Row& row, const Parameters& p);
Tail right_tail(const Row& row, const Parameters& p);

/// In words: "is 0 for x <= 0", "approaches 1", "grows as x", "grows as x^2". `left` says which
/// side the tail is of.
std::string text_of(const Tail& tail, bool left);

}  // namespace rectify::activation
