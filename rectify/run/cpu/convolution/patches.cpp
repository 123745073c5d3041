#include "rectify/run/cpu/convolution/patches.h"

#include <cstddef>
#include <cstring>

namespace rectify::run::cpu {

namespace {

/// What a row of the window covers of a row of the image, from the column `first` on.
std::byte* gather_row(const graph::WindowAxis& x, std::int64_t first, const std::byte* row,
                      std::size_t pixel, std::byte* to) {
  for (std::int64_t j = 0; j < x.size; ++j, to += pixel) {
    const std::int64_t column = first + j * x.dilation;
    if (!row || column < 0 || column >= x.in)
      std::memset(to, 0, pixel);
    else
      std::memcpy(to, row + static_cast<std::size_t>(column) * pixel, pixel);
  }
  return to;
}

}  // namespace

bool has_gradient_by_patches(const ConvolutionSize& s) {
  return s.element == Element::bfloat16 && s.groups == 1 && s.places() <= 64 &&
         (s.places() < 64 || s.units > 64);
}

void gather_patches(const ConvolutionSize& s, std::int64_t samples, const std::byte* from,
                    std::byte* to) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  const std::size_t pixel = static_cast<std::size_t>(s.channels * bytes_of(s.element));
  const std::size_t row = pixel * static_cast<std::size_t>(x.in);
  for (std::int64_t n = 0; n < samples; ++n, from += row * static_cast<std::size_t>(y.in))
    for (std::int64_t v = 0; v < y.out; ++v)
      for (std::int64_t u = 0; u < x.out; ++u)
        for (std::int64_t i = 0; i < y.size; ++i) {
          const std::int64_t line = v * y.stride - y.before + i * y.dilation;
          const bool inside = line >= 0 && line < y.in;
          to =
              gather_row(x, u * x.stride - x.before,
                         inside ? from + row * static_cast<std::size_t>(line) : nullptr, pixel, to);
        }
}

}  // namespace rectify::run::cpu
