#include "rectify/lab/operations.h"

#include "rectify/activation/elementary_simd.h"

namespace rectify::lab::RECTIFY_ISA {

namespace {

using rectify::RECTIFY_ISA::Vec;
namespace simd = rectify::RECTIFY_ISA;

template <class Operation>
RECTIFY_INLINE void each(const float* a, const float* b, float* out, std::size_t n,
                         Operation operation) {
  for (std::size_t i = 0; i < n; i += Vec::lanes)
    operation(Vec::load(a + i), Vec::load(b + i)).store(out + i);
}

void add(const float* a, const float* b, float* out, std::size_t n) {
  each(a, b, out, n, [](Vec x, Vec y) { return x + y; });
}
void multiply(const float* a, const float* b, float* out, std::size_t n) {
  each(a, b, out, n, [](Vec x, Vec y) { return x * y; });
}
void maximum(const float* a, const float* b, float* out, std::size_t n) {
  each(a, b, out, n, [](Vec x, Vec y) { return simd::max(x, y); });
}
void divide(const float* a, const float* b, float* out, std::size_t n) {
  each(a, b, out, n, [](Vec x, Vec y) { return x / y; });
}
void exponential(const float* a, const float*, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; i += Vec::lanes) simd::exp(Vec::load(a + i)).store(out + i);
}
void logarithm(const float* a, const float*, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; i += Vec::lanes) simd::log1p_unit(Vec::load(a + i)).store(out + i);
}

}  // namespace

extern const OperationLoops operation_loops;
const OperationLoops operation_loops = {add, multiply, maximum, divide, exponential, logarithm};

}  // namespace rectify::lab::RECTIFY_ISA
