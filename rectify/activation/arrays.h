#pragma once

#include <span>
#include <string_view>

#include "rectify/activation/activation.h"
#include "rectify/base/bfloat16.h"

// Activations over plain arrays, without a network: the widest kernels of this processor, on the
// calling thread. kernels.h has the forms that fuse more into one pass.

namespace rectify::activation {

/// y[i] = f(x[i]) for the row of that name or alias with its default parameters, or for `row` with
/// `p`; y may be x. Values are within Row::accuracy of the exact ones. Random rows are as in
/// inference. Throws Error when there is no such row (suggesting the nearest), when the sizes
/// differ, or when a parameter is outside its range (Row::parameters).
void forward(std::string_view name, std::span<const float> x, std::span<float> y);
void forward(const Row& row, const Parameters& p, std::span<const float> x, std::span<float> y);
void forward(std::string_view name, std::span<const bfloat16> x, std::span<bfloat16> y);

/// dx[i] = dy[i] f'(x[i]); dx may be x or dy. Throws as forward.
void backward(std::string_view name, std::span<const float> x, std::span<const float> dy,
              std::span<float> dx);
void backward(const Row& row, const Parameters& p, std::span<const float> x,
              std::span<const float> dy, std::span<float> dx);
void backward(std::string_view name, std::span<const bfloat16> x, std::span<const bfloat16> dy,
              std::span<bfloat16> dx);

}  // namespace rectify::activation
