#include "rectify/pretrain/likelihood/loops.h"

#include "rectify/activation/math_simd.h"

namespace rectify::pretrain::RECTIFY_ISA {

namespace {

using rectify::RECTIFY_ISA::Vec;
namespace simd = rectify::RECTIFY_ISA;

/// The sum of term(i, lanes): floats within a block, doubles over the blocks, so that rounding
/// errors do not grow with n. `last` has the term of the part of a vector at the end.
template <class Term, class Last>
RECTIFY_INLINE double sum_of(std::size_t n, Term term, Last last) {
  constexpr std::size_t block = 32 * Vec::lanes;
  double total = 0;
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t end = first + block < n ? first + block : n;
    Vec sum = 0;
    std::size_t i = first;
    for (; i + Vec::lanes <= end; i += Vec::lanes) sum += term(i);
    total += static_cast<double>(simd::sum(sum));
    if (i < end) total += last(i, end - i);
  }
  return total;
}

/// The sum of the first n lanes.
RECTIFY_INLINE double sum_of_part(Vec v, std::size_t n) {
  float lane[Vec::lanes];
  v.store(lane);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(lane[i]);
  return sum;
}

RECTIFY_INLINE Vec softplus(Vec x) {
  return simd::max(Vec(0), x) + simd::log1p_unit(simd::exp_negative(simd::minus_abs(x)));
}

double softplus_sum(const float* x, std::size_t n) {
  return sum_of(
      n, [x](std::size_t i) { return softplus(Vec::load(x + i)); },
      [x](std::size_t i, std::size_t rest) {
        return sum_of_part(softplus(Vec::load_part(x + i, rest)), rest);
      });
}

/// With a = from x and d = (to - from) x, both of one sign: ln(1 + e^(a+d)) - ln(1 + e^a) is
/// max(0, d) + ln(1 - z), where z = (1 - e^-|d|) / (1 + e^|a|) is at most 1/2; and
/// -ln(1 - z) = ln(1 + z / (1 - z)).
RECTIFY_INLINE Vec gain(Vec x, Vec from, Vec step) {
  const Vec d = x * step;
  const Vec e = simd::exp_negative(simd::minus_abs(x * from));
  const Vec z = (e / (e + 1)) * -simd::expm1_negative(simd::minus_abs(d));
  return simd::max(Vec(0), d) - simd::log1p_unit(z / (Vec(1) - z));
}

double softplus_gain(const float* x, std::size_t n, double from, double to) {
  const Vec start = from, step = to - from;
  return sum_of(
      n, [=](std::size_t i) { return gain(Vec::load(x + i), start, step); },
      [=](std::size_t i, std::size_t rest) {
        return sum_of_part(gain(Vec::load_part(x + i, rest), start, step), rest);
      });
}

double dot(const float* a, const float* b, std::size_t n) {
  return sum_of(
      n, [=](std::size_t i) { return Vec::load(a + i) * Vec::load(b + i); },
      [=](std::size_t i, std::size_t rest) {
        return sum_of_part(Vec::load_part(a + i, rest) * Vec::load_part(b + i, rest), rest);
      });
}

void scaled(const float* x, const float* offset, float scale, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = scale * x[i] + offset[i];
}

}  // namespace

extern const LikelihoodLoops likelihood_loops;
const LikelihoodLoops likelihood_loops = {softplus_sum, softplus_gain, dot, scaled};

}  // namespace rectify::pretrain::RECTIFY_ISA
