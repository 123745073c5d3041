// Operations on arrays with rectify/base/simd.h; compiled once an instruction set, with its flags.

#include "bench/cycles.h"

#include "rectify/activation/math_simd.h"
#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {
namespace {

constexpr std::size_t size = 1024;
alignas(64) float in[size], out[size];

template <class F>
RECTIFY_INLINE double over_array(long rounds, F f) {
  for (std::size_t i = 0; i < size; ++i) in[i] = 1 + static_cast<float>(i) / size;
  for (long r = 0; r < rounds; ++r) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < size; i += Vec::lanes) f(Vec::load(in + i)).store(out + i);
    asm volatile("" ::: "memory");
  }
  return static_cast<double>(rounds) * size;
}

double add(long rounds) {
  return over_array(rounds, [](Vec x) { return x + 0.7f; });
}
double multiply(long rounds) {
  return over_array(rounds, [](Vec x) { return x * 0.7f; });
}
double compare(long rounds) {
  return over_array(rounds, [](Vec x) { return select(x < 1.5f, x, 0.0f); });
}
double divide(long rounds) {
  return over_array(rounds, [](Vec x) { return Vec(0.7f) / x; });
}
double exponential(long rounds) {
  return over_array(rounds, [](Vec x) { return exp(x); });
}
double logarithm(long rounds) {
  return over_array(rounds, [](Vec x) { return log1p_unit(x - 1); });
}

constexpr bench::ArrayLoops all = {{{"add", add},
                                    {"multiply", multiply},
                                    {"compare", compare},
                                    {"divide", divide},
                                    {"exp", exponential},
                                    {"log", logarithm}}};

}  // namespace
}  // namespace rectify::RECTIFY_ISA

namespace rectify::bench::RECTIFY_ISA {

extern const ArrayLoops array_loops;
const ArrayLoops array_loops = rectify::RECTIFY_ISA::all;

}  // namespace rectify::bench::RECTIFY_ISA
