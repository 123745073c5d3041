#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace rectify::data {

// Everything here is whole-number arithmetic, so that a drawing is the same bytes on every machine,
// with every compiler and every flag.

/// Lengths are in 1/1024 of a pixel.
inline constexpr std::int64_t pixel = 1024;
/// The drawing is this many pixels wide and high.
inline constexpr std::int64_t canvas = 28;

/// A point of a pen's path, and the pen's radius there.
struct PathPoint {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t radius = 0;
};

/// What the pen draws without leaving the paper: straight from point to point.
using Path = std::vector<PathPoint>;

/// The largest whole number whose square is at most `value`; 0 <= value < 2^62.
std::int64_t whole_sqrt(std::int64_t value);

/// Sine and cosine of `angle`, both in 1/65536; |angle| <= 49152 (three quarters of a radian),
/// error below 1/2000.
struct SineCosine {
  std::int64_t sine = 0;
  std::int64_t cosine = 0;
};
SineCosine sine_cosine(std::int64_t angle);

/// Ink on each pixel, row after row: 0 none, 255 full.
using Canvas = std::array<std::uint8_t, canvas * canvas>;

/// Draws `path` onto `ink`, keeping what is darker. The pen's border falls off over `edge` > 0.
void draw(const Path& path, std::int64_t edge, Canvas& ink);

}  // namespace rectify::data
