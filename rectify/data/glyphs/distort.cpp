#include "rectify/data/glyphs/distort.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rectify::data {

namespace {

constexpr std::int64_t one = 1024;  ///< complexities and shares are in 1/1024
constexpr std::int64_t centre = canvas * pixel / 2;

std::uint8_t to_byte(std::int64_t value) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 255));
}

std::size_t at(std::int64_t x, std::int64_t y) { return static_cast<std::size_t>(y * canvas + x); }

/// The ink at any point, interpolated between pixels. The centres of pixels are at whole numbers
/// here. Beyond the border is paper.
std::int64_t sample(const Canvas& ink, std::int64_t x, std::int64_t y) {
  const std::int64_t left = x >> 10, top = y >> 10, fx = x & 1023, fy = y & 1023;
  const auto value = [&](std::int64_t column, std::int64_t row) -> std::int64_t {
    const bool inside = column >= 0 && row >= 0 && column < canvas && row < canvas;
    return inside ? ink[at(column, row)] : 0;
  };
  const std::int64_t above = value(left, top) * (one - fx) + value(left + 1, top) * fx;
  const std::int64_t below = value(left, top + 1) * (one - fx) + value(left + 1, top + 1) * fx;
  return (above * (one - fy) + below * fy + (1 << 19)) >> 20;
}

/// -log2(sin(pi i / 64)) in 1/65536, for i from 0 (as at 1/2) to 32.
constexpr std::array<std::int64_t, 33> log_sine = {
    350529, 285022, 219599, 181453, 154520, 133765, 116946, 102869, 90818, 80335, 71106,
    62906,  55572,  48978,  43028,  37645,  32768,  28348,  24343,  20720, 17450, 14510,
    11880,  9544,   7486,   5695,   4161,   2877,   1834,   1029,   456,   114,   0};

/// 2^(exponent / 65536) in 1/1024; |exponent| < 2^19.
std::int64_t power_of_two(std::int64_t exponent) {
  const std::int64_t whole = exponent >> 16, f = exponent & 65535;
  // A cubic through 2^f on [0, 1], within 1/5000.
  const std::int64_t mantissa =
      65536 + (f * (45556 + (f * (14821 + (f * 5159 >> 16)) >> 16)) >> 16);
  return whole >= 0 ? mantissa << whole >> 6 : mantissa >> (6 - whole);
}

/// The pinch filter of the GIMP. In a disk of radius R, the point at distance r from the centre
/// shows what was at distance r sin(pi r / 2R)^-pinch.
void pinch(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t low = -complexity, high = complexity * 7 / 10;
  const std::int64_t strength = low + draws.below(high - low + 1);
  const Canvas before = ink;
  for (std::int64_t y = 0; y < canvas; ++y)
    for (std::int64_t x = 0; x < canvas; ++x) {
      const std::int64_t dx = x * pixel + pixel / 2 - centre, dy = y * pixel + pixel / 2 - centre;
      const std::int64_t distance = whole_sqrt(dx * dx + dy * dy);
      if (distance >= centre) continue;
      const std::int64_t place = distance * 32 * one / centre, step = place >> 10;
      const std::int64_t here = log_sine[static_cast<std::size_t>(step)];
      const std::int64_t next = log_sine[static_cast<std::size_t>(step + 1)];
      const std::int64_t logarithm = here + ((next - here) * (place & 1023) >> 10);
      const std::int64_t factor = power_of_two(logarithm * strength >> 10);
      const std::int64_t from_x = centre - pixel / 2 + (dx * factor >> 10);
      const std::int64_t from_y = centre - pixel / 2 + (dy * factor >> 10);
      ink[at(x, y)] = to_byte(sample(before, from_x, from_y));
    }
}

/// Replaces each pixel by the mean along a line through it; the line has a random direction.
void motion_blur(Canvas& ink, std::int64_t complexity, Draws& draws) {
  // The standard deviation is 3 pixels at complexity 1.
  std::int64_t length = draws.bell(10 * pixel * complexity / one);
  length = length < 0 ? -length : length;
  const SineCosine angle = sine_cosine(draws.below(2 * 49152) - 49152);
  std::int64_t along = angle.cosine, across = angle.sine;
  if (draws.below(2) == 1) std::swap(along, across);
  const std::int64_t steps = 2 * (length >> 10) + 1;
  const Canvas before = ink;
  for (std::int64_t y = 0; y < canvas; ++y)
    for (std::int64_t x = 0; x < canvas; ++x) {
      std::int64_t sum = 0;
      for (std::int64_t i = 0; i < steps; ++i) {
        const std::int64_t t = steps == 1 ? 0 : length * (2 * i - steps + 1) / (2 * steps - 2);
        sum += sample(before, x * pixel + (t * along >> 16), y * pixel + (t * across >> 16));
      }
      ink[at(x, y)] = to_byte((sum + steps / 2) / steps);
    }
}

/// Puts a piece of another character on top, where that is darker.
void occlude(Canvas& ink, std::span<const Glyph> others, std::int64_t complexity, Draws& draws) {
  const auto which = draws.below(static_cast<std::int64_t>(others.size()));
  const Canvas other = draw_glyph(others[static_cast<std::size_t>(which)], one / 2, draws);
  const auto reach = [&] {
    return std::clamp<std::int64_t>((8 * complexity + draws.bell(7 * one) + one / 2) >> 10, 0, 14);
  };
  const std::int64_t left = reach(), right = reach(), up = reach(), down = reach();
  // The middle of the piece in the other character, and its new position.
  const std::int64_t from_x = 4 + draws.below(20), from_y = 4 + draws.below(20);
  const std::int64_t to_x = draws.below(canvas), to_y = draws.below(canvas);
  for (std::int64_t dy = -up; dy <= down; ++dy)
    for (std::int64_t dx = -left; dx <= right; ++dx) {
      const auto inside = [](std::int64_t v) { return v >= 0 && v < canvas; };
      if (!inside(from_x + dx) || !inside(from_y + dy)) continue;
      if (!inside(to_x + dx) || !inside(to_y + dy)) continue;
      std::uint8_t& here = ink[at(to_x + dx, to_y + dy)];
      here = std::max(here, other[at(from_x + dx, from_y + dy)]);
    }
}

/// Blurs with 1 2 1 in both directions, once or more.
void smooth(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t times = 1 + draws.below(1 + 3 * complexity / one);
  for (std::int64_t time = 0; time < times; ++time) {
    const Canvas before = ink;
    for (std::int64_t y = 0; y < canvas; ++y)
      for (std::int64_t x = 0; x < canvas; ++x) {
        std::int64_t sum = 0;
        for (std::int64_t dy = -1; dy <= 1; ++dy)
          for (std::int64_t dx = -1; dx <= 1; ++dx)
            sum +=
                (2 - dx * dx) * (2 - dy * dy) * sample(before, (x + dx) * pixel, (y + dy) * pixel);
        ink[at(x, y)] = to_byte((sum + 8) / 16);
      }
  }
}

/// Exchanges a share of `complexity` / 3 of the pixels with one of their neighbours.
void exchange(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t count = canvas * canvas * complexity / (3 * one);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t w = draws.word();
    const std::int64_t place = static_cast<std::int64_t>((w >> 8) % (canvas * canvas));
    const std::int64_t x = place % canvas, y = place / canvas;
    const std::int64_t nx = x + (w % 4 == 0) - (w % 4 == 1), ny = y + (w % 4 == 2) - (w % 4 == 3);
    if (nx < 0 || ny < 0 || nx >= canvas || ny >= canvas) continue;
    std::swap(ink[at(x, y)], ink[at(nx, ny)]);
  }
}

/// Adds noise with a standard deviation of a tenth of full ink at complexity 1.
void add_noise(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t most = 88 * complexity / one;
  for (std::uint8_t& value : ink) value = to_byte(value + draws.bell(most));
}

/// Puts a cloudy texture behind the character: random levels on three grids of points, 14, 7 and 4
/// pixels apart. Each grid is half as strong as the one before. Levels are interpolated linearly.
void add_background(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t brightest = draws.below(1 + 153 * complexity / one);
  std::array<std::int64_t, canvas * canvas> level{};
  std::int64_t weight = 4;
  for (const std::int64_t spacing : {14, 7, 4}) {
    const std::int64_t points = canvas / spacing + 1;
    std::array<std::int64_t, 64> grid{};
    for (std::int64_t i = 0; i < points * points; ++i)
      grid[static_cast<std::size_t>(i)] = draws.below(256);
    for (std::int64_t y = 0; y < canvas; ++y)
      for (std::int64_t x = 0; x < canvas; ++x) {
        const std::int64_t i = x / spacing, j = y / spacing, fx = x % spacing, fy = y % spacing;
        const auto value = [&](std::int64_t column, std::int64_t row) {
          return grid[static_cast<std::size_t>(std::min(row, points - 1) * points +
                                               std::min(column, points - 1))];
        };
        const std::int64_t above = value(i, j) * (spacing - fx) + value(i + 1, j) * fx;
        const std::int64_t below = value(i, j + 1) * (spacing - fx) + value(i + 1, j + 1) * fx;
        level[at(x, y)] += weight * (above * (spacing - fy) + below * fy) / (spacing * spacing);
      }
    weight /= 2;
  }
  for (std::size_t i = 0; i < ink.size(); ++i)
    ink[i] = std::max(ink[i], to_byte(level[i] * brightest / (7 * 255)));
}

/// Gives random levels to a share of `complexity` / 5 of the pixels.
void salt_and_pepper(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t share = 65536 * complexity / (5 * one);
  for (std::uint8_t& value : ink) {
    const std::uint32_t w = draws.word();
    if (static_cast<std::int64_t>(w >> 16) < share) value = static_cast<std::uint8_t>(w & 255);
  }
}

/// Turns (0, 1) by `angle`, in 1/65536, in four equal steps. The angle may be up to 2.9 radians.
std::array<std::int64_t, 2> direction(std::int64_t angle) {
  const SineCosine quarter = sine_cosine(std::clamp<std::int64_t>(angle / 4, -49152, 49152));
  std::int64_t x = 0, y = 65536;
  for (int i = 0; i < 4; ++i) {
    const std::int64_t turned = (x * quarter.cosine - y * quarter.sine) >> 16;
    y = (x * quarter.sine + y * quarter.cosine) >> 16;
    x = turned;
  }
  return {x, y};
}

/// Draws one to three thin strokes across the canvas. At low complexity they are nearly vertical;
/// at high complexity they have any direction.
void scratch(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t dice = draws.below(10);
  const std::int64_t strokes = dice < 5 ? 1 : dice < 8 ? 2 : 3;
  for (std::int64_t i = 0; i < strokes; ++i) {
    // The standard deviation is 100 degrees at complexity 1; the largest angle is 166 degrees.
    const std::array<std::int64_t, 2> way = direction(draws.bell(390000 * complexity / one));
    const std::int64_t middle_x = draws.below(canvas * pixel),
                       middle_y = draws.below(canvas * pixel);
    const std::int64_t half = (6 + draws.below(16)) * pixel, radius = 300 + draws.below(400);
    const std::int64_t bow = draws.bell(3 * pixel);
    const auto point = [&](std::int64_t along, std::int64_t aside) {
      return PathPoint{middle_x + ((way[0] * along + way[1] * aside) >> 16),
                       middle_y + ((way[1] * along - way[0] * aside) >> 16), radius};
    };
    draw({point(-half, 0), point(-half / 2, bow * 3 / 4), point(0, bow),
          point(half / 2, bow * 3 / 4), point(half, 0)},
         pixel, ink);
  }
}

/// Moves all levels towards the middle, and makes a negative with probability 1/2.
void change_levels(Canvas& ink, std::int64_t complexity, Draws& draws) {
  const std::int64_t contrast = one - draws.below(1 + 85 * complexity / 100);
  const bool negative = draws.below(2) == 1;
  for (std::uint8_t& value : ink) {
    const std::int64_t level = (255 * (one - contrast) / 2 + value * contrast + one / 2) >> 10;
    value = to_byte(negative ? 255 - level : level);
  }
}

}  // namespace

void distort(Canvas& ink, std::span<const Glyph> others, std::int64_t complexity, Draws& draws) {
  const auto happens = [&](std::int64_t percent) { return draws.below(100) < percent; };
  pinch(ink, complexity, draws);
  motion_blur(ink, complexity, draws);
  if (happens(40)) occlude(ink, others, complexity, draws);
  if (happens(25)) smooth(ink, complexity, draws);
  if (happens(20)) exchange(ink, complexity, draws);
  if (happens(30)) add_noise(ink, complexity, draws);
  add_background(ink, complexity, draws);
  if (happens(25)) salt_and_pepper(ink, complexity, draws);
  if (happens(15)) scratch(ink, complexity, draws);
  change_levels(ink, complexity, draws);
}

}  // namespace rectify::data
