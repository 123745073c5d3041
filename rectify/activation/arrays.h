#pragma once

#include <span>
#include <string_view>

#include "rectify/activation/activation.h"
#include "rectify/base/bfloat16.h"

// Activations of plain arrays, without a network. The functions run on the calling thread, with the
// widest kernels of this processor.
//
//     const std::vector<float> x = {-1, 0, 2}, dy = {1, 1, 1};
//     std::vector<float> y(3), dx(3);
//     activation::forward("relu", x, y);        // y = {0, 0, 2}
//     activation::backward("relu", x, dy, dx);  // dx = {0, 0, 1}
//
// kernels.h has functions that do more in one pass.

namespace rectify::activation {

/// y[i] = f(x[i]). f is the row with this name or alias and its default parameters, or `row` with
/// the parameters `p`. y may be the same array as x. Values are within Row::accuracy of the exact
/// ones. Rows that draw random numbers behave as in inference. Throws Error when there is no such
/// row (and suggests the nearest name), when the sizes differ, or when a parameter is outside its
/// range (Row::parameters).
void forward(std::string_view name, std::span<const float> x, std::span<float> y);
void forward(const Row& row, const Parameters& p, std::span<const float> x, std::span<float> y);
void forward(std::string_view name, std::span<const bfloat16> x, std::span<bfloat16> y);

/// dx[i] = dy[i] f'(x[i]); dx may be the same array as x or dy. Throws Error as forward() does.
void backward(std::string_view name, std::span<const float> x, std::span<const float> dy,
              std::span<float> dx);
void backward(const Row& row, const Parameters& p, std::span<const float> x,
              std::span<const float> dy, std::span<float> dx);
void backward(std::string_view name, std::span<const bfloat16> x, std::span<const bfloat16> dy,
              std::span<bfloat16> dx);

}  // namespace rectify::activation
