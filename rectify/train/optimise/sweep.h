#pragma once

#include <cstddef>

namespace rectify {
class ThreadPool;
}

namespace rectify::train {

/// The numbers of one optimiser step. Each rule uses some of them.
struct StepSize {
  float lr;
  float gradient_scale;  ///< from gradient clipping; 1: no clipping
  float decay;           ///< weight decay for these elements
  float momentum;
  float beta1, beta2;
  float epsilon;
  float correction1, correction2;  ///< 1 / (1 - beta^t) of Adam
};

/// Updates n parameters w in one pass, from their gradients g and the rule's state: s and, for
/// Adam, t.
using Sweep = void (*)(float* w, const float* g, float* s, float* t, std::size_t n,
                       const StepSize& step);

/// One optimiser, as a row of the table in sweep.kernel.cpp.
struct Rule {
  const char* name;
  Sweep sweep;
  int buffers = 0;  ///< of state that the rule needs
  double rate;      ///< the usual learning rate; below, other usual numbers
  double momentum = 0.9, beta2 = 0.999;
  /// Whether steps are as long as gradients, so that the usual rate falls with small batches.
  bool follows_gradients = false;
  /// Whether weights take an orthogonalised step instead (optimiser.cpp), with s as velocity.
  bool orthogonal = false;
};

struct Sweeps {
  const Rule* rules;
  std::size_t rule_count;
  Sweep decayed_step;  ///< w -= lr (g scale + decay w): sgd
  /// s = momentum s + d and x = d + momentum s, where d = g scale.
  void (*look_ahead)(float* x, const float* g, float* s, std::size_t n, const StepSize& step);
  /// a = keep a + take b.
  void (*blend)(float* a, const float* b, std::size_t n, float keep, float take);
  /// The sum of the squares of g; non-finite exactly if an element is, or if the sum overflows.
  double (*sum_of_squares)(const float* g, std::size_t n);
};

/// The loops for this processor.
const Sweeps& sweeps();

/// a = keep a + take b, in tiles.
void blend(ThreadPool& threads, float* a, const float* b, std::size_t n, float keep, float take);

}  // namespace rectify::train
