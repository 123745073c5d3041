#pragma once

#include <memory>

#include "rectify/run/cpu/convolution/convolution.h"

namespace rectify::run::cpu {

/// Whether a convolution of floats, or its gradient in the weight, is computed as products of rows
/// of its images: where so few channels go in or come out that oneDNN's convolutions, which take
/// whole vectors of both, are mostly filled up (docs/decisions/0029). A NaN or an infinity may
/// spoil some places beside those that it reaches.
bool suits_rows(const ConvolutionSize& size);

/// A convolution or its gradient in the image, as Convolution.
class RowConvolution {
 public:
  /// results = bias + images * weight; no bias: null.
  static RowConvolution forward(const ConvolutionSize& size, Storage images, Storage weight,
                                float* bias, Storage results, ThreadPool& threads);
  /// images = gradient of the convolution in its images, from that in its results; the size is
  /// one that is_convolution_backwards().
  static RowConvolution input_gradient(const ConvolutionSize& size, Storage results, Storage weight,
                                       Storage images, ThreadPool& threads);
  ~RowConvolution();
  RowConvolution(RowConvolution&&) noexcept;

  /// Computes; `fused` is called for each part of the value that is done.
  void run(const FusedOps& fused) const;

 private:
  struct Work;
  explicit RowConvolution(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

/// The gradient of a convolution in its weight.
class RowWeightGradient {
 public:
  RowWeightGradient(const ConvolutionSize& size, Storage images, Storage results, float* weight,
                    ThreadPool& threads);
  ~RowWeightGradient();
  RowWeightGradient(RowWeightGradient&&) noexcept;

  void run() const;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace rectify::run::cpu
