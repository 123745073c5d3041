#include "bench/cycles.h"

#include <cmath>
#include <cstddef>

#include "rectify/base/instruction_set.h"

#if defined(__x86_64__) && defined(__GLIBC__)
#include <immintrin.h>
#define RECTIFY_HAS_LIBMVEC 1
// The C library's own vector functions (libmvec), for 16 and for 8 floats.
extern "C" [[gnu::target("avx512f")]] __m512 _ZGVeN16v_expf(__m512);
extern "C" [[gnu::target("avx512f")]] __m512 _ZGVeN16v_logf(__m512);
extern "C" [[gnu::target("avx2")]] __m256 _ZGVdN8v_expf(__m256);
extern "C" [[gnu::target("avx2")]] __m256 _ZGVdN8v_logf(__m256);
#endif

namespace rectify::bench {

RECTIFY_CHOOSE_BY_ISA(ArrayLoops, array_loops)

namespace {

/// What the compiler must not know, so that it computes it.
void hide(float& v) {
#if defined(__x86_64__)
  asm volatile("" : "+x"(v));
#else
  asm volatile("" : "+w"(v));
#endif
}

/// x = f(x), again and again. `f` leads to a number at which it stays or circles.
template <class F>
double chain(long rounds, F f) {
  float x = 1.25f;
  for (long r = 0; r < rounds; ++r) {
    hide(x);
    x = f(x);
  }
  hide(x);
  return static_cast<double>(rounds);
}

/// Eight numbers side by side.
template <class F>
double side_by_side(long rounds, F f) {
  float x[8] = {1.1f, 1.2f, 1.3f, 1.4f, 1.5f, 1.6f, 1.7f, 1.8f};
  for (long r = 0; r < rounds; ++r) {
#pragma GCC unroll 8
    for (float& v : x) {
      float result = f(v);
      hide(v), hide(result);
    }
  }
  return static_cast<double>(rounds) * 8;
}

/// A function of x and of a number that the compiler does not know to be 1.
#define RECTIFY_SCALAR(name, value)                   \
  struct name {                                       \
    float one = 1;                                    \
    name() { hide(one); }                             \
    float operator()(float x) const { return value; } \
  }
RECTIFY_SCALAR(Add, x + one);
RECTIFY_SCALAR(Multiply, x* one);
RECTIFY_SCALAR(Compare, x < one ? x : one);
RECTIFY_SCALAR(Divide, one / x);
// What keeps their chains in range, a sign and an addition, is counted as theirs.
RECTIFY_SCALAR(Exp, std::exp(-x));
RECTIFY_SCALAR(Log, std::log(x) + 2 * one);
#undef RECTIFY_SCALAR

template <class F>
void add_scalar(std::vector<Operation>& all, const char* name) {
  all.push_back({name, "latency", [](long rounds) { return chain(rounds, F()); }});
  all.push_back({name, "scalar", [](long rounds) { return side_by_side(rounds, F()); }});
}

#if defined(RECTIFY_HAS_LIBMVEC)
constexpr std::size_t size = 1024;
alignas(64) float in[size], out[size];

#define RECTIFY_LIBMVEC_LOOP(name, isa, lanes, load, store, function)                       \
  [[gnu::target(isa)]] double name(long rounds) {                                           \
    for (std::size_t i = 0; i < size; ++i) in[i] = 1 + static_cast<float>(i) / size;        \
    for (long r = 0; r < rounds; ++r) {                                                     \
      for (std::size_t i = 0; i < size; i += lanes) store(out + i, function(load(in + i))); \
      asm volatile("" ::: "memory");                                                        \
    }                                                                                       \
    return static_cast<double>(rounds) * size;                                              \
  }
RECTIFY_LIBMVEC_LOOP(exp16, "avx512f", 16, _mm512_load_ps, _mm512_store_ps, _ZGVeN16v_expf)
RECTIFY_LIBMVEC_LOOP(log16, "avx512f", 16, _mm512_load_ps, _mm512_store_ps, _ZGVeN16v_logf)
RECTIFY_LIBMVEC_LOOP(exp8, "avx2", 8, _mm256_load_ps, _mm256_store_ps, _ZGVdN8v_expf)
RECTIFY_LIBMVEC_LOOP(log8, "avx2", 8, _mm256_load_ps, _mm256_store_ps, _ZGVdN8v_logf)
#undef RECTIFY_LIBMVEC_LOOP
#endif

}  // namespace

void wait_cycles(long cycles) {
  std::size_t x = 0, y = 1;
  asm volatile("" : "+r"(y));  // additions of constants may take no time at all
  for (long i = 0; i < cycles; i += 10) {
#pragma GCC unroll 10
    for (int k = 0; k < 10; ++k) {
      x += y;
      asm volatile("" : "+r"(x));
    }
  }
}

std::vector<Operation> operations() {
  std::vector<Operation> all;
  add_scalar<Add>(all, "add");
  add_scalar<Multiply>(all, "multiply");
  add_scalar<Compare>(all, "compare");
  add_scalar<Divide>(all, "divide");
  add_scalar<Exp>(all, "exp");
  add_scalar<Log>(all, "log");
  for (const ArrayLoop& loop : array_loops()) all.push_back({loop.name, "ours", loop.run});
#if defined(RECTIFY_HAS_LIBMVEC)
  if (supports("avx512")) {
    all.push_back({"exp", "libmvec", exp16});
    all.push_back({"log", "libmvec", log16});
  } else if (supports("avx2")) {
    all.push_back({"exp", "libmvec", exp8});
    all.push_back({"log", "libmvec", log8});
  }
#endif
  return all;
}

}  // namespace rectify::bench
