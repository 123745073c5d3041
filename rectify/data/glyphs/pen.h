#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace rectify::data {

// All arithmetic here is in whole numbers, so that a drawing has the same bytes on every machine,
// with every compiler and every flag.

/// Lengths are in 1/1024 of a pixel.
inline constexpr std::int64_t pixel = 1024;
/// The drawing is this many pixels wide and high.
inline constexpr std::int64_t canvas = 28;

/// A point of a pen's path, and the radius of the pen there.
struct PathPoint {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t radius = 0;
};

/// The points between which the pen draws straight lines, without leaving the paper.
using Path = std::vector<PathPoint>;

/// The largest whole number whose square is at most `value`; 0 <= value < 2^62.
std::int64_t whole_sqrt(std::int64_t value);

/// Sine and cosine of `angle`, both in 1/65536, for |angle| <= 49152 (three quarters of a radian).
/// The error is below 1/2000.
struct SineCosine {
  std::int64_t sine = 0;
  std::int64_t cosine = 0;
};
SineCosine sine_cosine(std::int64_t angle);

/// The ink of each pixel, in row-major order: 0 is none, 255 is full.
using Canvas = std::array<std::uint8_t, canvas * canvas>;

/// Draws `path` onto `ink`; where there is ink already, the darker one stays. The border of the
/// line falls off over `edge` > 0.
void draw(const Path& path, std::int64_t edge, Canvas& ink);

}  // namespace rectify::data
