#include "rectify/lab/operations.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <vector>

#include "rectify/activation/cost.h"
#include "rectify/base/error.h"
#include "rectify/base/instruction_set.h"

namespace rectify::lab {

RECTIFY_CHOOSE_BY_ISA(OperationLoops, operation_loops)

namespace {

// Hides a value from the compiler, so that the operation is really done.
#if defined(__x86_64__)
#define RECTIFY_OPAQUE(v) asm volatile("" : "+x"(v))
#else
#define RECTIFY_OPAQUE(v) asm volatile("" : "+w"(v))
#endif

/// Nanoseconds of one call, the fastest of many.
template <class Work>
double fastest(std::size_t operations, Work work) {
  using Clock = std::chrono::steady_clock;
  double best = 1e300;
  for (int round = 0; round < 60; ++round) {
    const auto begin = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  }
  return best / static_cast<double>(operations);
}

constexpr int rounds = 4096;

/// Each operation waits for the one before it.
template <class Operation>
double latency_ns(float start, Operation operation) {
  return fastest(rounds, [&] {
    float x = start;
    for (int i = 0; i < rounds; ++i) {
      RECTIFY_OPAQUE(x);
      x = operation(x);
    }
    RECTIFY_OPAQUE(x);
  });
}

/// Eight chains that know nothing of each other: none waits for another.
template <class Operation>
double throughput_ns(float start, Operation operation) {
  return fastest(8 * rounds, [&] {
    float a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start;
    for (int i = 0; i < rounds; ++i) {
      for (float* x : {&a, &b, &c, &d, &e, &f, &g, &h}) {
        float value = start;
        RECTIFY_OPAQUE(value);
        *x = operation(value);
        RECTIFY_OPAQUE(*x);
      }
    }
  });
}

double vector_ns(void (*loop)(const float*, const float*, float*, std::size_t), bool unit) {
  constexpr std::size_t n = 1024;  // three such arrays lie in the smallest first-level cache
  std::vector<float> a(n), b(n), out(n);
  for (std::size_t i = 0; i < n; ++i) {
    const float share = static_cast<float>(i * 2654435761u % n) / n;
    a[i] = unit ? share : 8 * share - 4;
    b[i] = 1 + share;
  }
  constexpr int times = 16;
  return fastest(times * n, [&] {
    for (int i = 0; i < times; ++i) loop(a.data(), b.data(), out.data(), n);
  });
}

template <class Operation>
double scalar_ns(Way way, float start, Operation operation) {
  return way == Way::latency ? latency_ns(start, operation) : throughput_ns(start, operation);
}

double nanoseconds(std::string_view name, Way way) {
  const OperationLoops& loops = operation_loops();
  const bool vectors = way == Way::vectors;
  float one = 1, near_one = 1.0001f, half = 0.5f;
  RECTIFY_OPAQUE(one);  // so that nothing is computed beforehand
  RECTIFY_OPAQUE(near_one);
  RECTIFY_OPAQUE(half);
  if (name == "add")
    return vectors ? vector_ns(loops.add, false)
                   : scalar_ns(way, one, [one](float x) { return x + one; });
  if (name == "multiply")
    return vectors ? vector_ns(loops.multiply, false)
                   : scalar_ns(way, one, [near_one](float x) { return x * near_one; });
  if (name == "compare")
    return vectors ? vector_ns(loops.maximum, false)
                   : scalar_ns(way, one, [half](float x) { return x > half ? x : half; });
  if (name == "divide")
    return vectors ? vector_ns(loops.divide, false)
                   : scalar_ns(way, one, [near_one](float x) { return x / near_one; });
  // A library function of its own argument leaves for infinity; a fixed point does not.
  if (name == "exp")
    return vectors ? vector_ns(loops.exp, false)
                   : scalar_ns(way, -0.567f, [](float x) { return std::exp(-std::abs(x)); });
  if (name == "log")
    return vectors ? vector_ns(loops.log, true)
                   : scalar_ns(way, 1.5f, [](float x) { return std::log(x + 2); });
  fail("there is no operation '", name, "'");
}

}  // namespace

double operation_cycles(const char* operation, Way way) {
  return nanoseconds(operation, way) / activation::cycle_ns();
}

}  // namespace rectify::lab
