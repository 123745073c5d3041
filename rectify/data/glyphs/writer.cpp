#include "rectify/data/glyphs/writer.h"

#include <algorithm>
#include <vector>

namespace rectify::data {

namespace {

/// How far a distortion goes: at wildness 0, and how much wildness 1 adds.
struct Range {
  std::int64_t calm;
  std::int64_t wild;
  std::int64_t at(std::int64_t how_wild) const { return calm + (wild * how_wild >> 10); }
};

// In hundredths of a digit's height, like the knots.
constexpr Range knot_shift = {1, 15};
constexpr Range stroke_shift = {1, 14};
// In 1/1024.
constexpr Range width_change = {20, 640};
constexpr Range height_change = {10, 320};
constexpr Range slant_change = {40, 1100};
// In 1/65536 of a radian.
constexpr Range turn = {1500, 29000};
// In 1/1024 of a pixel.
constexpr Range elastic_shift = {100, 12000};
constexpr Range place_shift = {100, 6000};
constexpr Range pen_change = {60, 1150};
constexpr Range pressure_change = {40, 800};
// In 1/255 of full ink.
constexpr Range ink_loss = {0, 110};
constexpr Range grain = {0, 70};
constexpr Range speckle = {0, 140};
// In 1/65536 of the pixels.
constexpr Range speckle_share = {0, 1600};

constexpr std::int64_t unit = 180;  ///< a hundredth of a digit's height; 17.6 pixels the whole
constexpr std::int64_t unit_across = 204;
constexpr std::int64_t pen_radius = 1300;
constexpr std::int64_t least_radius = 480;
constexpr std::int64_t pen_edge = 1200;
constexpr std::int64_t widest = 21 * pixel;  ///< what the middle of the line may span
constexpr std::int64_t margin = 2 * pixel;   ///< paper that the middle of the line stays off
constexpr std::int64_t steps_per_knot = 3;

/// The wildness of a hand at this difficulty d, in 1/1024, before its own carelessness: d (3 - d) /
/// 2. It grows faster at first, so that the middle of the scale is about as hard as real digits.
std::int64_t wildness(std::int64_t difficulty) {
  return difficulty * (3 * 1024 - difficulty) >> 11;
}

/// Most people write neatly and a few do not: 0.68 to 1.5 times the wildness; larger factors are
/// rarer.
std::int64_t careless(std::int64_t wild, Draws& draws) {
  const std::int64_t even = draws.below(1024);
  return wild * (700 + (even * even * 850 >> 20)) >> 10;
}

const Variant& pick_variant(const Glyph& glyph, Draws& draws) {
  std::int64_t total = 0;
  for (const Variant& variant : glyph.variants) total += variant.weight;
  std::int64_t rest = draws.below(total);
  for (const Variant& variant : glyph.variants)
    if ((rest -= variant.weight) < 0) return variant;
  return glyph.variants.back();
}

/// The knots of a stroke, each moved a little, with the pressure of the pen there.
Path place_knots(const Stroke& stroke, std::int64_t radius, std::int64_t wild, Draws& draws) {
  const std::int64_t shift = knot_shift.at(wild) * unit;
  const std::int64_t most = stroke_shift.at(wild) * unit;
  const std::int64_t dx = draws.bell(most), dy = draws.bell(most);
  const std::int64_t pressure = pressure_change.at(wild);
  Path knots;
  for (const Knot& knot : stroke) {
    PathPoint point;
    point.x = (knot.x - 30) * unit_across + dx + draws.bell(shift);
    point.y = (knot.y - 50) * unit + dy + draws.bell(shift);
    point.radius = std::max(least_radius, radius + draws.bell(pressure));
    knots.push_back(point);
  }
  return knots;
}

/// The Catmull-Rom cubic between b and c, at `t` in 1/1024 of the way.
std::int64_t cubic(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d, std::int64_t t) {
  const std::int64_t square = t * t >> 10, cube = square * t >> 10;
  return (2 * b * 1024 + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * square +
          (3 * b - a - 3 * c + d) * cube) >>
         11;
}

/// The smooth path through the knots, with a turn where the stroke has a corner.
Path smooth(const Path& knots, const Stroke& stroke) {
  Path path = {knots[0]};
  for (std::size_t i = 0; i + 1 < knots.size(); ++i) {
    const PathPoint &b = knots[i], &c = knots[i + 1];
    // There is no knot to be smooth with beyond an end or a corner: the path goes on straight
    // there.
    const bool begins = i == 0 || stroke[i].corner;
    const bool ends = i + 2 == knots.size() || stroke[i + 1].corner;
    const PathPoint a = begins ? PathPoint{2 * b.x - c.x, 2 * b.y - c.y, 0} : knots[i - 1];
    const PathPoint d = ends ? PathPoint{2 * c.x - b.x, 2 * c.y - b.y, 0} : knots[i + 2];
    for (std::int64_t step = 1; step <= steps_per_knot; ++step) {
      const std::int64_t t = step * 1024 / steps_per_knot;
      path.push_back({cubic(a.x, b.x, c.x, d.x, t), cubic(a.y, b.y, c.y, d.y, t),
                      b.radius + ((c.radius - b.radius) * t >> 10)});
    }
  }
  return path;
}

/// Changes width, height, slant and rotation, about the middle.
class Affine {
 public:
  Affine(std::int64_t wild, Draws& draws) {
    const std::int64_t width = 1024 + draws.bell(width_change.at(wild));
    const std::int64_t height = 1024 + draws.bell(height_change.at(wild));
    const std::int64_t slant = draws.bell(slant_change.at(wild));
    const SineCosine angle = sine_cosine(draws.bell(turn.at(wild)));
    // The rotation times the matrix [width, -slant; 0, height].
    xx_ = angle.cosine * width >> 10;
    xy_ = (-angle.cosine * slant - angle.sine * height) >> 10;
    yx_ = angle.sine * width >> 10;
    yy_ = (-angle.sine * slant + angle.cosine * height) >> 10;
  }

  void apply(PathPoint& point) const {
    const std::int64_t x = point.x, y = point.y;
    point.x = (xx_ * x + xy_ * y) >> 16;
    point.y = (yx_ * x + yy_ * y) >> 16;
  }

 private:
  std::int64_t xx_, xy_, yx_, yy_;  // in 1/65536
};

/// A smooth field of displacements: a uniform cubic B-spline over random vectors that are 7 pixels
/// apart.
class Elastic {
 public:
  Elastic(std::int64_t wild, Draws& draws) {
    const std::int64_t most = elastic_shift.at(wild);
    for (auto& row : field_)
      for (auto& vector : row) vector = {draws.bell(most), draws.bell(most)};
  }

  void apply(PathPoint& point) const {
    const Place across = place(point.x), down = place(point.y);
    std::int64_t dx = 0, dy = 0;
    for (std::size_t j = 0; j < 4; ++j)
      for (std::size_t i = 0; i < 4; ++i) {
        const std::int64_t weight = down.weight[j] * across.weight[i];
        dx += weight * field_[down.cell + j][across.cell + i][0];
        dy += weight * field_[down.cell + j][across.cell + i][1];
      }
    point.x += dx >> 20;
    point.y += dy >> 20;
  }

 private:
  static constexpr std::int64_t cells = 4;
  static constexpr std::int64_t spacing = canvas / cells * pixel;

  struct Place {
    std::size_t cell;
    std::array<std::int64_t, 4> weight;  // in 1/1024
  };

  static Place place(std::int64_t at) {
    const std::int64_t from_left =
        std::clamp<std::int64_t>(at + canvas / 2 * pixel, 0, cells * spacing - 1);
    const std::int64_t t = from_left % spacing * 1024 / spacing;
    const std::int64_t square = t * t >> 10, cube = square * t >> 10;
    return {static_cast<std::size_t>(from_left / spacing),
            {(1024 - 3 * t + 3 * square - cube) / 6, (4096 - 6 * square + 3 * cube) / 6,
             (1024 + 3 * t + 3 * square - 3 * cube) / 6, cube / 6}};
  }

  std::array<std::array<std::array<std::int64_t, 2>, cells + 3>, cells + 3> field_;
};

/// Shrinks a character that is too large for the canvas, and puts the middle of its ink near the
/// middle of the canvas.
void place_on_canvas(std::vector<Path>& paths, std::int64_t wild, Draws& draws) {
  PathPoint low = paths[0][0], high = low;
  std::int64_t total = 0, sum_x = 0, sum_y = 0;
  for (const Path& path : paths)
    for (std::size_t i = 0; i < path.size(); ++i) {
      const PathPoint& p = path[i];
      low = {std::min(low.x, p.x), std::min(low.y, p.y), 0};
      high = {std::max(high.x, p.x), std::max(high.y, p.y), 0};
      if (i == 0) continue;
      const std::int64_t dx = p.x - path[i - 1].x, dy = p.y - path[i - 1].y;
      const std::int64_t length = whole_sqrt(dx * dx + dy * dy);
      total += length;
      sum_x += length * (p.x + path[i - 1].x) / 2;
      sum_y += length * (p.y + path[i - 1].y) / 2;
    }
  total = std::max<std::int64_t>(total, 1);
  const std::int64_t span = std::max(high.x - low.x, high.y - low.y);
  const std::int64_t scale = span > widest ? widest * 1024 / span : 1024;
  const std::int64_t most = place_shift.at(wild);
  // The middle is the mean of the centre of the ink and the centre of the box: a tail or a foot
  // moves it, but not too far.
  const std::int64_t middle_x = (sum_x / total + (low.x + high.x) / 2) / 2;
  const std::int64_t middle_y = (sum_y / total + (low.y + high.y) / 2) / 2;
  const auto shrunk = [&](std::int64_t length) { return length * scale >> 10; };
  const auto inside = [&](std::int64_t middle, std::int64_t before, std::int64_t after) {
    return std::clamp(middle, margin + shrunk(before), canvas * pixel - margin - shrunk(after));
  };
  const std::int64_t x =
      inside(canvas * pixel / 2 + draws.bell(most), middle_x - low.x, high.x - middle_x);
  const std::int64_t y =
      inside(canvas * pixel / 2 + draws.bell(most), middle_y - low.y, high.y - middle_y);
  for (Path& path : paths)
    for (PathPoint& p : path) {
      p.x = x + shrunk(p.x - middle_x);
      p.y = y + shrunk(p.y - middle_y);
    }
}

/// Makes the ink paler, and adds grain to the ink and specks to the paper.
void age(Canvas& ink, std::int64_t difficulty, Draws& draws) {
  const std::int64_t level = 255 - draws.below(ink_loss.at(difficulty) + 1);
  const std::int64_t roughness = grain.at(difficulty);
  const std::int64_t share = speckle_share.at(difficulty);
  const std::int64_t brightest = speckle.at(difficulty);
  for (std::uint8_t& at : ink) {
    const std::uint32_t w = draws.word();
    const std::int64_t even = w & 255;
    std::int64_t value = at * level / 255;
    value -= value * roughness * even / (255 * 255);
    if (static_cast<std::int64_t>(w >> 16) < share)
      value = std::max(value, brightest * static_cast<std::int64_t>(w >> 8 & 255) / 255);
    at = static_cast<std::uint8_t>(value);
  }
}

}  // namespace

Canvas draw_glyph(const Glyph& glyph, std::int64_t difficulty, Draws& draws) {
  const Variant& variant = pick_variant(glyph, draws);
  const std::int64_t wild = careless(wildness(difficulty), draws);
  const std::int64_t radius = pen_radius + draws.bell(pen_change.at(wild));
  std::vector<Path> paths;
  for (const Stroke& stroke : variant.strokes)
    paths.push_back(smooth(place_knots(stroke, radius, wild, draws), stroke));
  const Affine affine(wild, draws);
  const Elastic elastic(wild, draws);
  for (Path& path : paths)
    for (PathPoint& point : path) {
      affine.apply(point);
      elastic.apply(point);
    }
  place_on_canvas(paths, wild, draws);
  Canvas ink{};
  for (const Path& path : paths) draw(path, pen_edge, ink);
  return ink;
}

Canvas write_glyph(const Glyph& glyph, std::int64_t difficulty, Draws& draws) {
  Canvas ink = draw_glyph(glyph, difficulty, draws);
  age(ink, difficulty, draws);
  return ink;
}

}  // namespace rectify::data
