#include "rectify/activation/arrays.h"

#include <cmath>

#include "rectify/activation/kernels.h"
#include "rectify/base/error.h"

namespace rectify::activation {
namespace {

void check_size(const Row& row, const char* what, std::size_t size, std::size_t wanted) {
  if (size != wanted)
    fail(row.name, ": ", what, " has ", size, " elements but x has ", wanted, "; make them equal");
}

}  // namespace

void forward(const Row& row, const Parameters& p, std::span<const float> x, std::span<float> y) {
  check_parameters(row, p);
  check_size(row, "y", y.size(), x.size());
  kernels(row).forward(x.data(), y.data(), x.size(), p);
}

void forward(std::string_view name, std::span<const float> x, std::span<float> y) {
  const Row& row = find(name);
  forward(row, row.defaults(), x, y);
}

void forward(std::string_view name, std::span<const bfloat16> x, std::span<bfloat16> y) {
  const Row& row = find(name);
  check_size(row, "y", y.size(), x.size());
  kernels(row).forward_bfloat16(x.data(), y.data(), x.size(), row.defaults());
}

void backward(const Row& row, const Parameters& p, std::span<const float> x,
              std::span<const float> dy, std::span<float> dx) {
  check_parameters(row, p);
  check_size(row, "dy", dy.size(), x.size());
  check_size(row, "dx", dx.size(), x.size());
  kernels(row).backward(x.data(), dy.data(), dx.data(), x.size(), p);
}

void backward(std::string_view name, std::span<const float> x, std::span<const float> dy,
              std::span<float> dx) {
  const Row& row = find(name);
  backward(row, row.defaults(), x, dy, dx);
}

void backward(std::string_view name, std::span<const bfloat16> x, std::span<const bfloat16> dy,
              std::span<bfloat16> dx) {
  const Row& row = find(name);
  check_size(row, "dy", dy.size(), x.size());
  check_size(row, "dx", dx.size(), x.size());
  kernels(row).backward_bfloat16(x.data(), dy.data(), dx.data(), x.size(), row.defaults());
}

}  // namespace rectify::activation
