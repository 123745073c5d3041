#pragma once

#include "rectify/activation/math.h"

namespace rectify::activation {

/// The sum of term(x, i - 1/2) over i = 1 ... n for sigmoids or their derivatives, term(x, c) being
/// the one at x - c: from the last term, the smallest, with what each addition loses added at the
/// end (Kahan 1965). Below -40 all terms go as exp(x) to double precision: there they are not left
/// to underflow.
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
