#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "rectify/base/thread_pool.h"
#include "rectify/graph/window.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/tensor/type.h"

namespace rectify::run::cpu {

/// What a convolution goes over: images of `channels` and their results of `units`, channels last,
/// and a weight of kernel height x kernel width x (channels / groups) x units.
struct ConvolutionSize {
  graph::Window window;
  std::int64_t batch, channels, units, groups;
  Element element = Element::float32;  ///< of the two factors
  Element result = Element::float32;   ///< of what is computed; a weight's gradient is always float

  std::int64_t places() const { return window.y.out * window.x.out; }
  std::int64_t image_size() const { return window.y.in * window.x.in * channels; }
  std::int64_t result_size() const { return places() * units; }
  std::int64_t weight_size() const {
    return window.y.size * window.x.size * (channels / groups) * units;
  }
};

/// A convolution or its gradient in the image, prepared once for values whose elements are those of
/// the size. Each tile is some samples, one
/// single-threaded oneDNN primitive; the size alone says which (docs/architecture.md). The weight
/// is put into the order that the primitives like best at the beginning of every run.
class Convolution {
 public:
  /// results = bias + images * weight; no bias: null.
  static Convolution forward(const ConvolutionSize& size, Storage images, Storage weight,
                             float* bias, Storage results, ThreadPool& threads);
  /// images = gradient of the convolution in its images, from that in its results.
  static Convolution input_gradient(const ConvolutionSize& size, Storage results, Storage weight,
                                    Storage images, ThreadPool& threads);
  ~Convolution();
  Convolution(Convolution&&) noexcept;

  /// Computes; `fused` is called for each part of the value that is done.
  void run(const FusedOps& fused) const;

 private:
  struct Tiles;
  explicit Convolution(std::unique_ptr<Tiles> tiles);
  std::unique_ptr<Tiles> tiles_;
};

/// The gradient of a convolution in its weight: parts of the batch, whose number the size alone
/// gives, have sums of their own, which are added in their order.
class ConvolutionWeightGradient {
 public:
  ConvolutionWeightGradient(const ConvolutionSize& size, Storage images, Storage results,
                            float* weight, ThreadPool& threads);
  ~ConvolutionWeightGradient();
  ConvolutionWeightGradient(ConvolutionWeightGradient&&) noexcept;

  void run() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rectify::run::cpu
