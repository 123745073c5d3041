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

/// Holds oneDNN to what RECTIFY_ISA asks for, which has to be before oneDNN is first used; where
/// the person has set ONEDNN_MAX_CPU_ISA, to that. Whoever calls oneDNN without cpu_engine() calls
/// this before. Throws Error when oneDNN was used already, and as asked_instruction_set().
void limit_onednn();

/// Whether it may use that instruction set.
bool onednn_uses(dnnl::cpu_isa isa);

inline const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine = [] {
    limit_onednn();
    return dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return engine;
}

/// The library's own scratch memory belongs to a thread; a tile may run on any.
inline dnnl::primitive_attr scratch_from_user() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

inline dnnl::matmul::primitive_desc matmul_descriptor(const dnnl::memory::desc& a,
                                                      const dnnl::memory::desc& b,
                                                      const dnnl::memory::desc& c) {
  const dnnl::primitive_attr attributes = scratch_from_user();
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::matmul::primitive_desc(cpu_engine(), a, b, c, attributes);
#else
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, c), attributes, cpu_engine());
#endif
}

/// A convolution's values as oneDNN knows them, and how its window moves. No bias: an empty one.
struct ConvolutionValues {
  dnnl::memory::desc image, weight, bias, result;
  dnnl::memory::dims strides, dilations, before, after;
};

inline dnnl::convolution_forward::primitive_desc convolution_descriptor(
    const ConvolutionValues& v) {
  using dnnl::convolution_forward;
  constexpr auto kind = dnnl::prop_kind::forward_training;
  constexpr auto how = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return convolution_forward::primitive_desc(cpu_engine(), kind, how, v.image, v.weight, v.bias,
                                             v.result, v.strides, v.dilations, v.before, v.after,
                                             scratch_from_user());
#else
  return convolution_forward::primitive_desc(
      convolution_forward::desc(kind, how, v.image, v.weight, v.bias, v.result, v.strides,
                                v.dilations, v.before, v.after),
      scratch_from_user(), cpu_engine());
#endif
}

inline dnnl::convolution_backward_data::primitive_desc convolution_input_gradient_descriptor(
    const ConvolutionValues& v, const dnnl::convolution_forward::primitive_desc& forward) {
  using dnnl::convolution_backward_data;
  constexpr auto how = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return convolution_backward_data::primitive_desc(cpu_engine(), how, v.image, v.weight, v.result,
                                                   v.strides, v.dilations, v.before, v.after,
                                                   forward, scratch_from_user());
#else
  return convolution_backward_data::primitive_desc(
      convolution_backward_data::desc(how, v.image, v.weight, v.result, v.strides, v.dilations,
                                      v.before, v.after),
      scratch_from_user(), cpu_engine(), forward);
#endif
}

inline dnnl::convolution_backward_weights::primitive_desc convolution_weight_gradient_descriptor(
    const ConvolutionValues& v, const dnnl::convolution_forward::primitive_desc& forward) {
  using dnnl::convolution_backward_weights;
  constexpr auto how = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return convolution_backward_weights::primitive_desc(cpu_engine(), how, v.image, v.weight,
                                                      v.result, v.strides, v.dilations, v.before,
                                                      v.after, forward, scratch_from_user());
#else
  return convolution_backward_weights::primitive_desc(
      convolution_backward_weights::desc(how, v.image, v.weight, v.result, v.strides, v.dilations,
                                         v.before, v.after),
      scratch_from_user(), cpu_engine(), forward);
#endif
}

}  // namespace rectify::run::cpu
