#pragma once

// What convolutions and their gradients in the weight have in common: a ConvolutionSize as oneDNN
// knows it.

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "rectify/run/cpu/convolution/convolution.h"
#include "rectify/run/cpu/onednn.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

using Arguments = std::unordered_map<int, dnnl::memory>;

dnnl::memory::data_type data_type(Element element);

/// The weight in the order in which it is stored.
dnnl::memory::desc stored_weight(const ConvolutionSize& size, Element element);

/// A convolution of `n` samples; which of its values have the factors' kind of elements depends on
/// what is computed. The weight is in any order.
ConvolutionValues convolution_values(const ConvolutionSize& size, std::int64_t n, Element image,
                                     Element weight, Element result, bool bias);

/// A primitive, ready for its arguments, and what it wants its weight and scratch memory to be.
struct ConvolutionPrimitive {
  dnnl::primitive primitive;
  dnnl::memory::desc weight, scratch;
};

/// For `n` samples.
ConvolutionPrimitive forward_of(const ConvolutionSize& size, std::int64_t n, bool bias);
ConvolutionPrimitive input_gradient_of(const ConvolutionSize& size, std::int64_t n);
ConvolutionPrimitive weight_gradient_of(const ConvolutionSize& size, std::int64_t n);

inline dnnl::memory memory_at(const dnnl::memory::desc& description, void* data) {
  return {description, cpu_engine(), data};
}

inline std::size_t floats_of(const dnnl::memory::desc& description) {
  return (description.get_size() + sizeof(float) - 1) / sizeof(float);
}

/// An argument that is the calling thread's scratch memory while a primitive runs.
struct Lent {
  dnnl::memory argument;
  ScratchUse use;
  std::size_t size = floats_of(argument.get_desc());

  void lend() const {
    dnnl::memory shared = argument;  // a handle
    shared.set_data_handle(scratch_of_thread(use, size));
  }
  void announce() const { announce_scratch(use, size); }
};

/// A copy of a weight from one order into another.
struct Reorder {
  dnnl::reorder primitive;
  Arguments arguments;

  Reorder(const dnnl::memory& from, const dnnl::memory& to)
      : primitive(from, to), arguments{{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}} {}
};

/// Throws Error: what oneDNN said of that size.
[[noreturn]] void cannot_convolve(const ConvolutionSize& size, const dnnl::error& error);

}  // namespace rectify::run::cpu
