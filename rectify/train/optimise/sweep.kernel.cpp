#include "rectify/train/optimise/sweep.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::train::RECTIFY_ISA {

namespace {

// Robbins & Monro 1951; the decay is L2 regularisation, added to the gradient.
void sgd(float* __restrict w, const float* __restrict g, float*, float*, std::size_t n,
         const StepSize& step) {
  const float lr = step.lr, scale = step.gradient_scale, decay = step.decay;
  for (std::size_t i = 0; i < n; ++i) w[i] -= lr * (g[i] * scale + decay * w[i]);
}

// Polyak 1964, in the form that keeps the rate outside the velocity.
void momentum(float* __restrict w, const float* __restrict g, float* __restrict v, float*,
              std::size_t n, const StepSize& step) {
  const float lr = step.lr, scale = step.gradient_scale, decay = step.decay, mu = step.momentum;
  for (std::size_t i = 0; i < n; ++i) {
    v[i] = mu * v[i] + (g[i] * scale + decay * w[i]);
    w[i] -= lr * v[i];
  }
}

// Nesterov 1983 as Sutskever et al. 2013 write it, evaluated at the shifted point.
void nesterov(float* __restrict w, const float* __restrict g, float* __restrict v, float*,
              std::size_t n, const StepSize& step) {
  const float lr = step.lr, scale = step.gradient_scale, decay = step.decay, mu = step.momentum;
  for (std::size_t i = 0; i < n; ++i) {
    const float d = g[i] * scale + decay * w[i];
    v[i] = mu * v[i] + d;
    w[i] -= lr * (d + mu * v[i]);
  }
}

inline float adam_direction(float d, float& m, float& v, const StepSize& step) {
  m = step.beta1 * m + (1 - step.beta1) * d;
  v = step.beta2 * v + (1 - step.beta2) * d * d;
  return m * step.correction1 / (__builtin_sqrtf(v * step.correction2) + step.epsilon);
}

// Kingma & Ba 2015, algorithm 1; the decay is part of the gradient.
void adam(float* __restrict w, const float* __restrict g, float* __restrict m, float* __restrict v,
          std::size_t n, const StepSize& given) {
  const StepSize step = given;
  for (std::size_t i = 0; i < n; ++i) {
    const float d = g[i] * step.gradient_scale + step.decay * w[i];
    w[i] -= step.lr * adam_direction(d, m[i], v[i], step);
  }
}

// Loshchilov & Hutter 2019, algorithm 2: the decay acts on the weight itself.
void adamw(float* __restrict w, const float* __restrict g, float* __restrict m, float* __restrict v,
           std::size_t n, const StepSize& given) {
  const StepSize step = given;
  for (std::size_t i = 0; i < n; ++i) {
    const float d = g[i] * step.gradient_scale;
    w[i] -= step.lr * (adam_direction(d, m[i], v[i], step) + step.decay * w[i]);
  }
}

// Duchi, Hazan & Singer 2011, with the diagonal of figure 1; the decay is part of the gradient.
void adagrad(float* __restrict w, const float* __restrict g, float* __restrict v, float*,
             std::size_t n, const StepSize& given) {
  const StepSize step = given;
  for (std::size_t i = 0; i < n; ++i) {
    const float d = g[i] * step.gradient_scale + step.decay * w[i];
    v[i] += d * d;
    w[i] -= step.lr * (d / (__builtin_sqrtf(v[i]) + step.epsilon));
  }
}

// Tieleman & Hinton 2012, lecture 6.5, with Polyak's momentum on the divided gradient; momentum 0
// is the lecture's own rule. The decay is part of the gradient.
void rmsprop(float* __restrict w, const float* __restrict g, float* __restrict m,
             float* __restrict v, std::size_t n, const StepSize& given) {
  const StepSize step = given;
  for (std::size_t i = 0; i < n; ++i) {
    const float d = g[i] * step.gradient_scale + step.decay * w[i];
    v[i] = step.beta2 * v[i] + (1 - step.beta2) * d * d;
    m[i] = step.momentum * m[i] + d / (__builtin_sqrtf(v[i]) + step.epsilon);
    w[i] -= step.lr * m[i];
  }
}

// Chen et al. 2023, algorithm 2: only the sign of an interpolated momentum; the decay acts on the
// weight itself. A sum of exactly 0 has no sign and moves nothing.
void lion(float* __restrict w, const float* __restrict g, float* __restrict m, float*,
          std::size_t n, const StepSize& given) {
  const StepSize step = given;
  for (std::size_t i = 0; i < n; ++i) {
    const float d = g[i] * step.gradient_scale;
    const float mixed = step.beta1 * m[i] + (1 - step.beta1) * d;
    const float sign = static_cast<float>((mixed > 0) - (mixed < 0));
    m[i] = step.beta2 * m[i] + (1 - step.beta2) * d;
    w[i] -= step.lr * (sign + step.decay * w[i]);
  }
}

// The matrix that muon orthogonalises: the gradient plus momentum times velocity, as in nesterov.
void look_ahead(float* __restrict x, const float* __restrict g, float* __restrict v, std::size_t n,
                const StepSize& step) {
  const float scale = step.gradient_scale, mu = step.momentum;
  for (std::size_t i = 0; i < n; ++i) {
    const float d = g[i] * scale;
    v[i] = mu * v[i] + d;
    x[i] = d + mu * v[i];
  }
}

void blend(float* __restrict a, const float* __restrict b, std::size_t n, float keep, float take) {
  for (std::size_t i = 0; i < n; ++i) a[i] = keep * a[i] + take * b[i];
}

// Sixteen float sums side by side over 1024 elements at a time, then added up in doubles: exact
// enough for a norm, the same bits on one instruction set, and as fast as memory.
double sum_of_squares(const float* g, std::size_t n) {
  constexpr std::size_t lanes = 16, stretch = 1024;
  double total = 0;
  std::size_t i = 0;
  for (; i + stretch <= n; i += stretch) {
    float sums[lanes] = {};
    for (std::size_t j = 0; j < stretch; j += lanes)
      for (std::size_t k = 0; k < lanes; ++k) sums[k] += g[i + j + k] * g[i + j + k];
    float sum = 0;
    for (std::size_t k = 0; k < lanes; ++k) sum += sums[k];
    total += sum;
  }
  for (; i < n; ++i) total += static_cast<double>(g[i]) * g[i];
  return total;
}

// The only list of optimisers: names, flags, help, tests and documents are made from it.
constexpr Rule rules[] = {
    {.name = "sgd", .sweep = sgd, .rate = 0.1, .follows_gradients = true},
    {.name = "momentum", .sweep = momentum, .buffers = 1, .rate = 0.2, .follows_gradients = true},
    {.name = "nesterov", .sweep = nesterov, .buffers = 1, .rate = 0.2, .follows_gradients = true},
    {.name = "adam", .sweep = adam, .buffers = 2, .rate = 1e-3},
    {.name = "adamw", .sweep = adamw, .buffers = 2, .rate = 1e-3},
    {.name = "adagrad", .sweep = adagrad, .buffers = 1, .rate = 5e-2},
    {.name = "rmsprop", .sweep = rmsprop, .buffers = 2, .rate = 2e-3, .momentum = 0, .beta2 = 0.99},
    {.name = "lion", .sweep = lion, .buffers = 1, .rate = 3e-4, .beta2 = 0.99},
    {.name = "muon",
     .sweep = adamw,
     .buffers = 2,
     .rate = 1e-3,
     .momentum = 0.95,
     .orthogonal = true}};

}  // namespace

extern const Sweeps sweeps;
const Sweeps sweeps = {rules, sizeof rules / sizeof *rules, sgd, look_ahead, blend, sum_of_squares};

}  // namespace rectify::train::RECTIFY_ISA
