#pragma once

// The one place that knows which oneDNN this is: version 2 (Debian 12) describes an operation
// before its primitive descriptor, version 3 does both at once.

#include <omp.h>

#include <dnnl.hpp>

namespace rectify::run::cpu {

/// While it lives, oneDNN calls of this thread use no other thread: the pool deals out the work.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

inline const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

inline dnnl::matmul::primitive_desc matmul_descriptor(const dnnl::memory::desc& a,
                                                      const dnnl::memory::desc& b,
                                                      const dnnl::memory::desc& c) {
  dnnl::primitive_attr attributes;
  // The library's own scratch memory belongs to a thread; a tile may run on any.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::matmul::primitive_desc(cpu_engine(), a, b, c, attributes);
#else
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, c), attributes, cpu_engine());
#endif
}

}  // namespace rectify::run::cpu
