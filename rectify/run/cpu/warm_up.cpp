#include "rectify/run/warm_up.h"

#include <signal.h>

#include <array>

#include "rectify/run/cpu/onednn.h"

namespace rectify::run {

WarmUp::WarmUp() {
  cpu::limit_onednn();  // here, where an error reaches the caller
  // As ThreadPool's threads (docs/decisions/0006).
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::jthread([] {
    const cpu::OneThread one_thread;
    // Large enough for the generated kernels: the smallest products have others.
    constexpr dnnl_dim_t n = 16;
    constexpr std::array<float, n * n> zeros{};
    std::array<float, n * n> product;
    dnnl_sgemm('N', 'N', n, n, n, 1, zeros.data(), n, zeros.data(), n, 0, product.data(), n);
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace rectify::run
