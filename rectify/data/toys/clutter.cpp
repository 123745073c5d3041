#include "rectify/data/toys/clutter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/data/toys/steps.h"

namespace rectify::data {

namespace {

// Words of a sample's clutter: the lattice of its clouds, then its shapes, then the toy at the rim.
constexpr std::uint64_t words_per_sample = 1024;
constexpr std::size_t lattice_side = 16, lattice = lattice_side * lattice_side;
constexpr std::uint64_t first_shape = lattice, words_per_shape = 8;
constexpr std::uint64_t first_general = 768, first_toy = 800;
constexpr int shapes = 3;
constexpr double canvas_width = 96;

/// The random numbers of one sample.
struct Numbers {
  Random random;
  std::uint64_t first;

  double between(std::uint64_t index, double low, double high) const {
    return low + (high - low) * random.uniform(first + index);
  }
  float share(std::uint64_t index, double low, double high) const {
    return static_cast<float>(between(index, low, high));
  }
  int whole(std::uint64_t index, int below) const {
    return static_cast<int>(random.below(first + index, static_cast<std::uint32_t>(below)));
  }
};

Numbers numbers_of(const ToySplit& split, std::size_t sample) {
  return {toy_random(split.seed(), ToyStep::clutter, split.train()), sample * words_per_sample};
}

/// Smooth values through the points of a lattice, `cell` apart.
struct Clouds {
  std::array<float, lattice> points;

  float at(float x, float y, float cell, std::size_t offset) const {
    const float u = x / cell + 64, v = y / cell + 64;
    const auto left = static_cast<std::size_t>(u), top = static_cast<std::size_t>(v);
    const auto smooth = [](float t) { return t * t * (3 - 2 * t); };
    const float a = smooth(u - static_cast<float>(left)), b = smooth(v - static_cast<float>(top));
    const auto point = [&](std::size_t i, std::size_t j) {
      return points[(((top + j) % lattice_side) * lattice_side + (left + i) % lattice_side +
                     offset) %
                    lattice];
    };
    const float above = point(0, 0) + a * (point(1, 0) - point(0, 0));
    const float below = point(0, 1) + a * (point(1, 1) - point(0, 1));
    return above + b * (below - above);
  }
};

/// A disc or a bar with soft borders.
struct Shape2d {
  bool disc;
  float x, y, cosine, sine, radius;
  float level, cover;

  float blend(float under, float px, float py) const {
    constexpr float border = 3;  // 1/96 of the width; one pixel of 32
    const float dx = px - x, dy = py - y;
    const float outside = disc ? std::sqrt(dx * dx + dy * dy) - radius
                               : std::abs(dx * cosine + dy * sine) - radius / 3;
    const float inside = std::clamp(.5f - outside / border, 0.0f, 1.0f);
    return under + inside * cover * (level - under);
  }
};

Shape2d shape_of(const Numbers& numbers, int which) {
  const std::uint64_t first = first_shape + static_cast<std::uint64_t>(which) * words_per_shape;
  const Turn turn = turn_by(numbers.between(first + 3, 0, 180));
  return {numbers.whole(first, 2) == 0,
          numbers.share(first + 1, 0, canvas_width),
          numbers.share(first + 2, 0, canvas_width),
          static_cast<float>(turn.cosine),
          static_cast<float>(turn.sine),
          numbers.share(first + 4, 6, 26),
          numbers.share(first + 5, .1, .9),
          numbers.share(first + 6, .15, .45)};
}

}  // namespace

Clutter clutter_of(const ToySplit& split, std::size_t sample, const Scene& scene) {
  const Numbers n = numbers_of(split, sample);
  Clutter clutter;
  clutter.category = n.whole(first_toy, 5);
  clutter.instance =
      toy_instance(split.train(), static_cast<std::size_t>(n.whole(first_toy + 1, 5)));
  Pose& pose = clutter.pose;
  pose.azimuth = 20.0 * n.whole(first_toy + 2, 18);
  pose.elevation = 30 + 5.0 * scene.elevation;
  pose.light = scene.light;
  pose.rotation = n.between(first_toy + 3, -10, 10);
  pose.scale = n.between(first_toy + 4, .5, .75);
  // A place on the border of a square around the picture's middle.
  const double along = n.between(first_toy + 5, -1, 1), out = n.between(first_toy + 6, 1.05, 1.3);
  const int side = n.whole(first_toy + 7, 4);
  pose.right = side == 0 ? out : side == 1 ? -out : along;
  pose.up = side == 2 ? out : side == 3 ? -out : along;
  clutter.apart = n.between(first_general, -4, 4);
  return clutter;
}

void paint_background(const ToySplit& split, std::size_t sample, double shift, int size,
                      std::vector<float>& levels) {
  const Numbers n = numbers_of(split, sample);
  Clouds clouds;
  for (std::size_t i = 0; i < lattice; ++i) clouds.points[i] = n.share(i, -1, 1);
  const auto base = n.share(first_general + 1, .35, .75);
  std::array<float, 3> strength;
  for (std::size_t i = 0; i < 3; ++i) strength[i] = n.share(first_general + 2 + i, .01, .06);
  std::array<Shape2d, shapes> list;
  const int count = n.whole(first_general + 5, shapes + 1);
  for (int i = 0; i < count; ++i) list[static_cast<std::size_t>(i)] = shape_of(n, i);
  levels.clear();
  const float step = static_cast<float>(canvas_width) / static_cast<float>(size);
  const auto left = static_cast<float>(shift);
  for (int row = 0; row < size; ++row)
    for (int column = 0; column < size; ++column) {
      const float x = (static_cast<float>(column) + .5f) * step - left;
      const float y = (static_cast<float>(row) + .5f) * step;
      float level = base + strength[0] * clouds.at(x, y, 37, 0) +
                    strength[1] * clouds.at(x, y, 17, 85) + strength[2] * clouds.at(x, y, 8, 171);
      for (int s = 0; s < count; ++s) level = list[static_cast<std::size_t>(s)].blend(level, x, y);
      levels.push_back(level);
    }
}

}  // namespace rectify::data
