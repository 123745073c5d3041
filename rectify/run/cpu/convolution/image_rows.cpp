#include "rectify/run/cpu/convolution/image_rows.h"

#include <algorithm>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/product/small_product.h"

namespace rectify::run::cpu {

ImageRows::ImageRows(const ConvolutionSize& s, std::int64_t places_of_group)
    : places(places_of_group),
      groups(s.window.x.out / places),
      lanes(places * s.units),
      step(places * s.window.x.stride * s.channels) {
  const graph::WindowAxis &x = s.window.x, &y = s.window.y;
  const std::int64_t covered = (x.size + (places - 1) * x.stride) * s.channels;
  depth = std::min(step, covered);
  pieces = (covered + depth - 1) / depth;
  pitch = std::max((groups - 1) * step + pieces * depth, (x.before + x.in) * s.channels);
  height = std::max((y.out - 1) * y.stride + y.size, y.before + y.in);
}

std::int64_t ImageRows::vectors_multiplied(std::int64_t lanes_of_vector) const {
  return (lanes + lanes_of_vector - 1) / lanes_of_vector * groups * pieces * depth;
}

ImageRows image_rows_of(const ConvolutionSize& s) {
  const std::int64_t vector = instruction_set() == "avx512" ? 16 : 8;
  ImageRows best(s, 1);
  for (std::int64_t places = 2; places * s.units <= SummedProduct::most_columns; ++places) {
    if (s.window.x.out % places != 0) continue;
    const ImageRows rows(s, places);
    if (rows.vectors_multiplied(vector) < best.vectors_multiplied(vector)) best = rows;
  }
  return best;
}

void copy_inside(const ConvolutionSize& s, const float* image, std::int64_t pitch, float* to) {
  const graph::WindowAxis &x = s.window.x, &y = s.window.y;
  const std::int64_t width = x.in * s.channels;
  for (std::int64_t v = 0; v < y.in; ++v)
    std::copy_n(image + v * width, width, to + (y.before + v) * pitch + x.before * s.channels);
}

}  // namespace rectify::run::cpu
