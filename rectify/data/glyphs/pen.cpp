#include "rectify/data/glyphs/pen.h"

#include <algorithm>
#include <bit>

namespace rectify::data {

std::int64_t whole_sqrt(std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(value);
  std::uint64_t root = 0;
  // The highest power of four that is not above the value.
  std::uint64_t bit = std::uint64_t{1} << ((std::bit_width(rest | 1) - 1) & ~1);
  for (; bit != 0; bit /= 4) {
    if (rest >= root + bit) {
      rest -= root + bit;
      root = root / 2 + bit;
    } else {
      root /= 2;
    }
  }
  return static_cast<std::int64_t>(root);
}

SineCosine sine_cosine(std::int64_t angle) {
  constexpr std::int64_t one = 65536;
  const std::int64_t square = angle * angle / one;
  // Taylor's series. Its remainder is below (3/4)^6 / 720.
  const std::int64_t fourth = square * square / one;
  return {angle - angle * square / (6 * one) + angle * fourth / (120 * one),
          one - square / 2 + fourth / 24};
}

namespace {

/// The area that the pen covers between two points: a capsule, which may be thicker at one end.
class Segment {
 public:
  Segment(const PathPoint& from, const PathPoint& to, std::int64_t edge)
      : from_(from),
        dx_(to.x - from.x),
        dy_(to.y - from.y),
        widening_(to.radius - from.radius),
        half_edge_(edge / 2),
        slope_(255 * pixel / edge) {
    const std::int64_t length_square = dx_ * dx_ + dy_ * dy_;
    reciprocal_ = length_square > 0 ? (std::int64_t{1} << 40) / length_square : 0;
  }

  /// The ink, 0 to 255, of the pixel whose centre is (x, y).
  std::int64_t ink(std::int64_t x, std::int64_t y) const {
    const std::int64_t px = x - from_.x, py = y - from_.y;
    const std::int64_t along =
        std::clamp<std::int64_t>(((px * dx_ + py * dy_) * reciprocal_) >> 30, 0, 1024);
    const std::int64_t ox = px - (dx_ * along >> 10), oy = py - (dy_ * along >> 10);
    const std::int64_t square = ox * ox + oy * oy;
    const std::int64_t radius = from_.radius + (widening_ * along >> 10);
    const std::int64_t outer = radius + half_edge_, inner = radius - half_edge_;
    if (square >= outer * outer) return 0;
    if (inner > 0 && square <= inner * inner) return 255;
    return std::min<std::int64_t>(255, (outer - whole_sqrt(square)) * slope_ >> 10);
  }

 private:
  PathPoint from_;
  std::int64_t dx_, dy_, widening_, half_edge_;
  std::int64_t slope_;           ///< ink gained by each pixel inwards, in 1/1024
  std::int64_t reciprocal_ = 0;  ///< 2^40 over the square of the length
};

}  // namespace

void draw(const Path& path, std::int64_t edge, Canvas& ink) {
  const auto clamp = [](std::int64_t at) {
    return std::clamp<std::int64_t>(at >> 10, 0, canvas - 1);
  };
  for (std::size_t i = 1; i < path.size(); ++i) {
    const PathPoint &a = path[i - 1], &b = path[i];
    const Segment segment(a, b, edge);
    const std::int64_t reach = std::max(a.radius, b.radius) + edge / 2 - pixel / 2;
    const std::int64_t left = clamp(std::min(a.x, b.x) - reach);
    const std::int64_t right = clamp(std::max(a.x, b.x) + reach);
    const std::int64_t top = clamp(std::min(a.y, b.y) - reach);
    const std::int64_t bottom = clamp(std::max(a.y, b.y) + reach);
    for (std::int64_t y = top; y <= bottom; ++y)
      for (std::int64_t x = left; x <= right; ++x) {
        std::uint8_t& at = ink[static_cast<std::size_t>(y * canvas + x)];
        if (at == 255) continue;
        const std::int64_t here = segment.ink(x * pixel + pixel / 2, y * pixel + pixel / 2);
        at = static_cast<std::uint8_t>(std::max<std::int64_t>(at, here));
      }
  }
}

}  // namespace rectify::data
