#include "rectify/data/toys/cast.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/random.h"

namespace rectify::data {
namespace {

/// Whether `p` is inside the solid, straight from what a solid is. `margin` widens it.
bool inside(const CastModel::Part& part, Vec p, double margin) {
  const Vec d = p - part.solid.centre;
  const Vec q{dot(part.inverse[0], d), dot(part.inverse[1], d), dot(part.inverse[2], d)};
  const Solid& s = part.solid;
  if (s.round &&
      q.x * q.x + q.y * q.y + s.square * q.z * q.z + s.linear * q.z + s.constant > margin)
    return false;
  for (const Plane& plane : s.planes)
    if (dot(plane.normal, q) > plane.limit + margin) return false;
  return true;
}

/// A random direction; no two axes of a scene are parallel to it.
Vec direction(const Random& random, std::uint64_t index) {
  return unit({random.normal(index), random.normal(index + 1), random.normal(index + 2)});
}

Rays rays_along(Vec towards, double half, int count) {
  const Vec right = unit(cross({.1, .2, 1}, towards)), up = cross(towards, right);
  const double step = 2 * half / count;
  Rays rays{{}, step * right, -step * up, -1.0 * towards, count, count};
  rays.origin = 4.0 * towards + (step / 2 - half) * right + (half - step / 2) * up;
  return rays;
}

/// Walks along every ray, and holds what it finds against what was cast.
void compare_with_walks(const Toy& toy, const Rays& rays) {
  constexpr double step = 1 / 256.0;
  const CastModel model = prepare(toy);
  Hits hits;
  cast(model, rays, hits);
  const auto some_inside = [&](Vec p, double margin) {
    for (const CastModel::Part& part : model.parts)
      if (inside(part, p, margin)) return true;
    return false;
  };
  for (int y = 0; y < rays.height; ++y)
    for (int x = 0; x < rays.width; ++x) {
      const auto i = static_cast<std::size_t>(y * rays.width + x);
      double first_sure = -1, first_possible = -1;  // depths of a walk's first points inside
      for (double depth = 2; depth < 6 && first_sure < 0; depth += step) {
        if (first_possible < 0 && some_inside(rays.at(x, y, depth), .02)) first_possible = depth;
        if (some_inside(rays.at(x, y, depth), -.02)) first_sure = depth;
      }
      const double found = static_cast<double>(hits.depth[i]);
      if (first_sure > 0) {
        ASSERT_NE(hits.face[i], Hits::nothing) << x << " " << y;
        ASSERT_LE(found, first_sure) << x << " " << y;
      }
      if (hits.face[i] == Hits::nothing) continue;
      ASSERT_GT(first_possible, 0) << x << " " << y;
      ASSERT_GE(found, first_possible - step) << x << " " << y;
    }
}

TEST(Cast, FindsWhatAWalkAlongTheRayFinds) {
  const Random random(3);
  for (std::uint64_t round = 0; round < 12; ++round) {
    const std::uint64_t at = 100 * round;
    const auto size = [&](std::uint64_t i) { return .15 + .4 * random.uniform(4000 + at + i); };
    Toy toy;
    toy.add(turned(ball(.4 * direction(random, at), {size(0), size(1), size(2)}), 0, 30));
    toy.add(turned(block(.4 * direction(random, at + 10), {size(3), size(4), size(5)}, .4, -.3), 1,
                   50));
    // Blunt cones, too, in which rays run along their inside.
    toy.add(rod(.5 * direction(random, at + 20), .5 * direction(random, at + 30), .02, size(6)));
    toy.add(fin({}, .9 * direction(random, at + 40), .4, .2, .3));
    compare_with_walks(toy, rays_along(direction(random, at + 50), 1.2, 24));
  }
}

TEST(Cast, SeesAConeFromItsPointAndFromBehind) {
  Toy toy;
  toy.add(rod({-.5, 0, 0}, {.5, 0, 0}, .7, .05));
  for (const double x : {1.0, -1.0})
    compare_with_walks(toy, rays_along(unit({x, .01, .02}), 1, 20));
}

TEST(Cast, GivesNormalsThatPointOutOfTheSurface) {
  const Random random(5);
  Toy toy;
  toy.add(turned(ball({.3, 0, .1}, {.5, .2, .3}), 2, 20));
  toy.add(turned(block({-.3, .2, 0}, {.3, .2, .4}, .5, .2), 0, 35));
  toy.add(rod({0, -.6, -.3}, {.2, -.1, .6}, .25, .1));
  const CastModel model = prepare(toy);
  Hits hits;
  const Rays rays = rays_along(direction(random, 0), 1.1, 40);
  cast(model, rays, hits);
  std::size_t met = 0;
  for (std::size_t i = 0; i < hits.face.size(); ++i) {
    if (hits.face[i] == Hits::nothing) continue;
    ++met;
    const Vec p = rays.at(static_cast<double>(i % 40), static_cast<double>(i / 40),
                          static_cast<double>(hits.depth[i]));
    const Vec normal = normal_at(model, hits.face[i], p);
    const auto& part = model.parts[static_cast<std::size_t>(hits.face[i] / Hits::faces)];
    ASSERT_NEAR(length(normal), 1, 1e-9);
    ASSERT_LE(dot(normal, rays.direction), 1e-6);
    EXPECT_FALSE(inside(part, p + .01 * normal, 0));
  }
  EXPECT_GT(met, 300u);
}

TEST(Cast, LeavesRaysBesideTheSolidAlone) {
  Toy toy;
  toy.add(block({}, {.5, .5, .5}));
  Hits hits;
  // The rays run along two pairs of the cube's sides: parallel to what they never meet.
  Rays rays{{4, -1, 1}, {0, .25, 0}, {0, 0, -.25}, {-1, 0, 0}, 9, 9};
  cast(prepare(toy), rays, hits);
  for (int y = 0; y < 9; ++y)
    for (int x = 0; x < 9; ++x) {
      if (x == 2 || x == 6 || y == 2 || y == 6) continue;  // along an edge
      const bool middle = x > 2 && x < 6 && y > 2 && y < 6;
      const auto i = static_cast<std::size_t>(9 * y + x);
      EXPECT_EQ(hits.face[i] != Hits::nothing, middle) << x << " " << y;
      if (middle) {
        EXPECT_FLOAT_EQ(hits.depth[i], 3.5f);
      }
    }
}

}  // namespace
}  // namespace rectify::data
