#pragma once

#include "rectify/activation/math.h"

namespace rectify::activation {

/// The sum of term(x, i - 1/2) over i = 1 ... n. term(x, c) is a sigmoid, or its derivative, at x -
/// c. The sum begins with the last term, which is the smallest, and corrects each addition by what
/// the one before lost (Kahan 1965). Below -40 every term is proportional to exp(x) in double
/// precision; there the sum is taken at -40 and scaled, so that no term underflows.
template <class V, class Term> V sum_of_steps(V x, double n, Term term) {
  const V body = max(V(-40), x);
  V total = V(0), lost = V(0);
  for (int i = static_cast<int>(n); i >= 1; --i) {
    const V next = term(body, i - 0.5) - lost, sum = total + next;
    lost = (sum - total) - next;
    total = sum;
  }
  return total * exp_negative(min(V(0), x + 40));
}

}  // namespace rectify::activation
