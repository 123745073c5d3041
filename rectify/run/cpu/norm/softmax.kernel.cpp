#include "rectify/run/cpu/norm/softmax.h"

#include "rectify/activation/math_simd.h"
#include "rectify/run/cpu/norm/row_vectors.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::RECTIFY_ISA {

namespace {

constexpr float infinity = __builtin_inff();

/// A sum of vectors that keeps what each addition loses (Kahan 1965): rows may be long.
struct Sum {
  Vec total = 0, lost = 0;
  RECTIFY_INLINE void add(Vec v) {
    const Vec next = v - lost, more = total + next;
    lost = (more - total) - next;
    total = more;
  }
};

/// A NaN counts as -inf: it shows in the differences.
RECTIFY_INLINE float largest(const float* x, std::size_t width) {
  Vec best = -infinity;
  each_vector(width, [&](std::size_t i, std::size_t n) {
    best = max(first_lanes(load(x + i, n), n, -infinity), best);
  });
  float lane[Vec::lanes], most = -infinity;
  best.store(lane);
  for (const float candidate : lane) most = candidate > most ? candidate : most;
  return most;
}

/// x - top, and 0 also where both are the same infinity.
RECTIFY_INLINE Vec difference(Vec x, Vec top) { return select(x == top, Vec(0), x - top); }

void softmax(const float* x, float* y, std::size_t rows, std::size_t width) {
  for (; rows > 0; --rows, x += width, y += width) {
    const Vec top = largest(x, width);
    Sum whole;
    each_vector(width, [&](std::size_t i, std::size_t n) {
      const Vec e = exp_negative(difference(load(x + i, n), top));
      whole.add(first_lanes(e, n, 0));
      store(e, y + i, n);
    });
    const Vec all = sum(whole.total);
    each_vector(width,
                [&](std::size_t i, std::size_t n) { store(load(y + i, n) / all, y + i, n); });
  }
}

void log_softmax(const float* x, float* y, std::size_t rows, std::size_t width) {
  for (; rows > 0; --rows, x += width, y += width) {
    const Vec top = largest(x, width);
    Sum whole;
    each_vector(width, [&](std::size_t i, std::size_t n) {
      const Vec d = difference(load(x + i, n), top);
      whole.add(first_lanes(exp_negative(d), n, 0));
      store(d, y + i, n);
    });
    const Vec log_all = __builtin_logf(sum(whole.total));
    each_vector(width,
                [&](std::size_t i, std::size_t n) { store(load(y + i, n) - log_all, y + i, n); });
  }
}

void softmax_gradient(const float* y, const float* dy, float* dx, std::size_t rows,
                      std::size_t width) {
  for (; rows > 0; --rows, y += width, dy += width, dx += width) {
    Sum whole;
    each_vector(width,
                [&](std::size_t i, std::size_t n) { whole.add(load(y + i, n) * load(dy + i, n)); });
    const Vec mean = sum(whole.total);
    each_vector(width, [&](std::size_t i, std::size_t n) {
      store(load(y + i, n) * (load(dy + i, n) - mean), dx + i, n);
    });
  }
}

void log_softmax_gradient(const float* y, const float* dy, float* dx, std::size_t rows,
                          std::size_t width) {
  for (; rows > 0; --rows, y += width, dy += width, dx += width) {
    Sum whole;
    each_vector(width, [&](std::size_t i, std::size_t n) { whole.add(load(dy + i, n)); });
    const Vec all = sum(whole.total);
    each_vector(width, [&](std::size_t i, std::size_t n) {
      store(load(dy + i, n) - exp_negative(load(y + i, n)) * all, dx + i, n);
    });
  }
}

}  // namespace

}  // namespace rectify::RECTIFY_ISA

namespace rectify::run::cpu::RECTIFY_ISA {

extern const SoftmaxLoops softmax_loops;
const SoftmaxLoops softmax_loops = {
    rectify::RECTIFY_ISA::softmax, rectify::RECTIFY_ISA::log_softmax,
    rectify::RECTIFY_ISA::softmax_gradient, rectify::RECTIFY_ISA::log_softmax_gradient};

}  // namespace rectify::run::cpu::RECTIFY_ISA
