#pragma once

#include <array>
#include <cstdint>

#include "rectify/base/bfloat16.h"

namespace rectify::run::cpu {

/// Results of 4x4 pixels are computed from 6x6 of the image, F(4x4, 3x3) of Lavin and Gray 2016
/// (arXiv:1509.09308), from products at six points of each axis.
inline constexpr std::int64_t winograd_tile = 4, winograd_patch = 6, winograd_points = 36;
inline constexpr std::int64_t winograd_most_channels = 1024;

/// Images with channels last, cut into tiles of 4x4 pixels, row by row and sample after sample; the
/// first begins at the pixel (-before_y, -before_x). What lies beyond the border is zero.
struct WinogradImages {
  std::int64_t height, width, channels;
  std::int64_t tile_rows, tile_columns;
  std::int64_t before_y = 0, before_x = 0;
};

/// Tiles [first, first + count); the values of a point are `plane` floats behind those of the point
/// before, and hold count x channels.
struct WinogradTiles {
  std::int64_t first, count, plane;
};

/// Of floats or bfloat16; channels are a multiple of 16, and not too many.
template <class Number>
struct WinogradImageLoops {
  /// The points of patches of 6x6 pixels that begin where their tiles do: B' d B.
  void (*patches)(const WinogradImages& images, const WinogradTiles& tiles, const Number* from,
                  float* points);
  /// The points of gradients in tiles of results: A y A'.
  void (*gradients)(const WinogradImages& images, const WinogradTiles& tiles, const Number* from,
                    float* points);
  /// Tiles of results of their points: A' m A + bias; no bias: null.
  void (*results)(const WinogradImages& images, const WinogradTiles& tiles, const float* points,
                  const float* bias, Number* to);
};

/// Built once for each instruction set. 3x3 weights are 9 planes of `size` numbers, a multiple of
/// 16, of which [first, first + count) are done; their points are 36 planes.
struct WinogradLoops {
  WinogradImageLoops<float> of_float;
  WinogradImageLoops<bfloat16> of_bfloat16;
  /// G g G', where tap i of the 9 is at taps[i].
  void (*weights)(const std::array<const float*, 9>& taps, std::int64_t size, std::int64_t first,
                  std::int64_t count, float* points);
  /// G' u G.
  void (*weight_gradients)(const float* points, std::int64_t size, float* taps);
};

/// The loops for this processor.
const WinogradLoops& winograd_loops();

}  // namespace rectify::run::cpu
