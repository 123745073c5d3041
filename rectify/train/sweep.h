#pragma once

#include <cstddef>

namespace rectify::train {

/// The numbers of one optimiser step; which ones matter depends on the rule.
struct StepSize {
  float lr;
  float gradient_scale;  ///< of clipping; 1 when it does nothing
  float decay;           ///< weight decay for these elements
  float momentum;
  float beta1, beta2;
  float epsilon;
  float correction1, correction2;  ///< 1 / (1 - beta^t) of Adam
};

/// One pass over n parameters w, their gradients g and the rule's state (s and, for Adam, t).
using Sweep = void (*)(float* w, const float* g, float* s, float* t, std::size_t n,
                       const StepSize& step);

/// One optimiser, as a row of the table in sweep.kernel.cpp.
struct Rule {
  const char* name;
  Sweep sweep;
  int buffers;  ///< of state
  double rate;  ///< the learning rate that a person would start from
};

struct Sweeps {
  const Rule* rules;
  std::size_t rule_count;
  /// Sum of the squares of g; not finite exactly if an element is not, or if the sum overflows.
  double (*sum_of_squares)(const float* g, std::size_t n);
};

/// The loops for this processor.
const Sweeps& sweeps();

}  // namespace rectify::train
