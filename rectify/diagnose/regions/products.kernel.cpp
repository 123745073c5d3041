#include "rectify/diagnose/regions/products.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::diagnose::RECTIFY_ISA {

namespace {

/// `block` outputs are kept in registers while the inputs go by.
template <std::size_t block>
void add_block(const double* x, std::size_t inputs, const double* weights, std::size_t stride,
               double* y) {
  double sums[block];
  for (std::size_t o = 0; o < block; ++o) sums[o] = y[o];
  for (std::size_t i = 0; i < inputs; ++i) {
    if (x[i] == 0) continue;
    const double* row = weights + i * stride;
    for (std::size_t o = 0; o < block; ++o) sums[o] += x[i] * row[o];
  }
  for (std::size_t o = 0; o < block; ++o) y[o] = sums[o];
}

void add(const double* x, std::size_t inputs, const double* weights, std::size_t stride,
         std::size_t units, double* y) {
  std::size_t first = 0;
  for (; first + 32 <= units; first += 32)
    add_block<32>(x, inputs, weights + first, stride, y + first);
  for (; first + 8 <= units; first += 8)
    add_block<8>(x, inputs, weights + first, stride, y + first);
  for (; first + 2 <= units; first += 2)
    add_block<2>(x, inputs, weights + first, stride, y + first);
  if (first < units) add_block<1>(x, inputs, weights + first, stride, y + first);
}

}  // namespace

extern const Products products;
const Products products = {add};

}  // namespace rectify::diagnose::RECTIFY_ISA
