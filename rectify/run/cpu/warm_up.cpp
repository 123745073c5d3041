#include "rectify/run/warm_up.h"

#include <array>
#include <system_error>

#include "rectify/base/signals_blocked.h"
#include "rectify/run/cpu/onednn.h"

namespace rectify::run {

namespace {

void small_product() {
  const cpu::OneThread one_thread;
  // Large enough for the generated kernels: the smallest products have others.
  constexpr dnnl_dim_t n = 16;
  constexpr std::array<float, n * n> zeros{};
  std::array<float, n * n> product;
  dnnl_sgemm('N', 'N', n, n, n, 1, zeros.data(), n, zeros.data(), n, 0, product.data(), n);
}

}  // namespace

WarmUp::WarmUp() {
  cpu::limit_onednn();  // here, where an error reaches the caller
  const SignalsBlocked blocked;
  try {
    thread_ = std::jthread(small_product);
  } catch (const std::system_error&) {
    // No thread can be started: then the program's first product takes longer.
  }
}

}  // namespace rectify::run
