#include "rectify/activation/math_simd.h"
#include "rectify/run/cpu/block_loops.h"
#include "rectify/run/cpu/norm/row_vectors.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using rectify::RECTIFY_ISA::each_vector;
using rectify::RECTIFY_ISA::load;
using rectify::RECTIFY_ISA::select;
using rectify::RECTIFY_ISA::store;
using rectify::RECTIFY_ISA::Vec;

namespace {

/// Calls visit(offset of the tap) for all taps in row-major order.
template <class Visit>
RECTIFY_INLINE void each_tap(const BlockSize& b, const Visit& visit) {
  for (std::size_t i = 0; i < b.size; ++i)
    for (std::size_t j = 0; j < b.size; ++j) visit(i * b.row + j * b.channels);
}

/// The weights of a block's states over that of the likeliest: those of its units are in y, the sum
/// of all is returned.
RECTIFY_INLINE Vec write_weights(const BlockSize& b, const float* x, float* y, std::size_t n) {
  Vec top = 0;  // of the state without a unit
  each_tap(b, [&](std::size_t at) { top = max(top, load(x + at, n)); });
  Vec sum = exp_negative(-top);
  each_tap(b, [&](std::size_t at) {
    const Vec weight = exp_negative(load(x + at, n) - top);
    store(weight, y + at, n);
    sum += weight;
  });
  return sum;
}

void mean(const BlockSize& b, const float* x, float* y) {
  each_vector(b.channels, [&](std::size_t c, std::size_t n) {
    const Vec sum = write_weights(b, x + c, y + c, n);
    each_tap(b, [&](std::size_t at) { store(load(y + c + at, n) / sum, y + c + at, n); });
  });
}

void sample(const BlockSize& b, const float* x, const float* u, float* y) {
  each_vector(b.channels, [&](std::size_t c, std::size_t n) {
    const Vec aim = load(u + c, n) * write_weights(b, x + c, y + c, n);
    Vec passed = 0, before = 0;  // before: whether a unit before this one is on
    each_tap(b, [&](std::size_t at) {
      passed += load(y + c + at, n);
      const Vec now = select(aim < passed, Vec(1), Vec(0));
      store(now - before, y + c + at, n);
      before = now;
    });
  });
}

}  // namespace

extern const BlockLoops block_loops;
const BlockLoops block_loops = {mean, sample};

}  // namespace rectify::run::cpu::RECTIFY_ISA
