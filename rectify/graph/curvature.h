#pragma once

#include <string_view>

namespace rectify::graph {

/// What the second derivative f'' of a row of the activation family follows from: its value y and
/// its slope s = f'.
enum class Curvature {
  none,      ///< f'' = 0 wherever there is one: f consists of straight pieces
  sigmoid,   ///< s (1 - 2 y)
  tanh,      ///< -2 y s
  softplus,  ///< s (1 - s)
};

/// Throws Error for a row whose second derivative is not known here.
Curvature curvature_of(std::string_view row);

/// f'' at a point where the row has the value y and the slope s.
template <class Number>
Number curvature(Curvature how, Number y, Number s) {
  switch (how) {
    case Curvature::none:
      return 0;
    case Curvature::sigmoid:
      return s * (1 - 2 * y);
    case Curvature::tanh:
      return -2 * y * s;
    case Curvature::softplus:
      return s * (1 - s);
  }
  return 0;
}

}  // namespace rectify::graph
