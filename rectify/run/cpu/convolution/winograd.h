#pragma once

#include <memory>
#include <span>

#include "rectify/run/cpu/convolution/convolution.h"

namespace rectify::run::cpu {

/// Whether a convolution, or its gradient in the weight, is computed by Winograd's algorithm, which
/// needs a quarter of the products: for 3x3 taps side by side over 16, 32, ... channels, where
/// there are tiles enough for what the weight costs (docs/decisions/0013). Points and products are
/// floats, also of bfloat16. A NaN or an infinity spoils the whole tiles that it reaches.
bool suits_winograd(const ConvolutionSize& size);

/// A convolution or its gradient in the image, as Convolution.
class WinogradConvolution {
 public:
  /// results = bias + images * weight; no bias: null.
  static WinogradConvolution forward(const ConvolutionSize& size, Storage images, Storage weight,
                                     float* bias, Storage results, ThreadPool& threads);
  /// images = gradient of the convolution in its images, from that in its results.
  static WinogradConvolution input_gradient(const ConvolutionSize& size, Storage results,
                                            Storage weight, Storage images, ThreadPool& threads);
  ~WinogradConvolution();
  WinogradConvolution(WinogradConvolution&&) noexcept;

  /// Computes; `fused` is called for each part of the value that is done.
  void run(const FusedOps& fused) const;

 private:
  struct Work;
  explicit WinogradConvolution(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

/// The gradient of a convolution in its weight.
class WinogradWeightGradient {
 public:
  WinogradWeightGradient(const ConvolutionSize& size, Storage images, Storage results,
                         float* weight, ThreadPool& threads);
  ~WinogradWeightGradient();
  WinogradWeightGradient(WinogradWeightGradient&&) noexcept;

  void run() const;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace rectify::run::cpu
