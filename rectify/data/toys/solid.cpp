#include "rectify/data/toys/solid.h"

#include <algorithm>
#include <utility>

namespace rectify::data {

Solid ball(Vec centre, Vec half) {
  return {centre, {Vec{half.x, 0, 0}, Vec{0, half.y, 0}, Vec{0, 0, half.z}}, true, 1, 0, -1, {}};
}

Solid block(Vec centre, Vec half, double narrow_x, double narrow_y) {
  const double x = narrow_x / 2, y = narrow_y / 2;
  Solid solid{centre, {Vec{half.x, 0, 0}, Vec{0, half.y, 0}, Vec{0, 0, half.z}}, false, 0, 0, 0,
              {}};
  solid.planes = {{{1, 0, x}, 1 - x},  {{-1, 0, x}, 1 - x}, {{0, 1, y}, 1 - y},
                  {{0, -1, y}, 1 - y}, {{0, 0, 1}, 1},      {{0, 0, -1}, 1}};
  return solid;
}

Solid rod(Vec from, Vec to, double radius_from, double radius_to) {
  const Vec along = 0.5 * (to - from);
  const Vec helper = std::abs(along.z) < 0.9 * length(along) ? Vec{0, 0, 1} : Vec{1, 0, 0};
  const Vec side = unit(cross(helper, along)), other = unit(cross(along, side));
  const double most = std::max(radius_from, radius_to);
  // The radius is middle + rise q.z.
  const double middle = (radius_from + radius_to) / 2 / most;
  const double rise = (radius_to - radius_from) / 2 / most;
  Solid solid{0.5 * (from + to),
              {most * side, most * other, along},
              true,
              -rise * rise,
              -2 * middle * rise,
              -middle * middle,
              {}};
  solid.planes = {{{0, 0, 1}, 1}, {{0, 0, -1}, 1}};
  return solid;
}

Solid fin(Vec root, Vec tip_point, double chord, double thickness, double tip) {
  const Vec along = 0.5 * (tip_point - root);
  Solid solid = block({}, {chord / 2, 1, 1}, 1 - tip, 0);
  solid.centre = 0.5 * (root + tip_point);
  solid.axes[1] = thickness / 2 * unit(cross(along, {1, 0, 0}));
  solid.axes[2] = along;
  return solid;
}

Solid turned(Solid solid, int axis, double degrees) {
  const Turn turn = turn_by(degrees);
  for (Vec& v : solid.axes) v = turned(v, axis, turn);
  return solid;
}

Solid mirrored(Solid solid) {
  solid.centre.y = -solid.centre.y;
  for (Vec& v : solid.axes) v.y = -v.y;
  return solid;
}

namespace {

/// Points of the solid's surface in its own coordinates, among which are the outermost up to 2 %:
/// the corners of a box, points all around a round solid.
std::vector<Vec> outline(const Solid& solid) {
  constexpr int around = 16;
  std::vector<Vec> points;
  const bool is_ball = solid.round && solid.planes.empty();
  for (int level = 0; level <= 8; level += is_ball ? 1 : 8) {
    const Turn lift = turn_by(22.5 * (level - 4));
    const double z = is_ball ? lift.sine : level / 4.0 - 1;
    const double radius =
        is_ball ? lift.cosine
                : std::sqrt(-(solid.square * z * z + solid.linear * z + solid.constant));
    for (int i = 0; i < around; ++i) {
      const Turn t = turn_by(360.0 / around * i);
      if (solid.round) points.push_back({radius * t.cosine, radius * t.sine, z});
    }
    for (const double x : {-1.0, 1.0})
      for (const double y : {-1.0, 1.0})
        if (!solid.round)
          points.push_back({x * (solid.planes[0].limit - solid.planes[0].normal.z * z),
                            y * (solid.planes[2].limit - solid.planes[2].normal.z * z), z});
  }
  for (Vec& q : points)
    q = solid.centre + q.x * solid.axes[0] + q.y * solid.axes[1] + q.z * solid.axes[2];
  return points;
}

}  // namespace

double reach(const Solid& solid, Vec along) {
  const double x = dot(solid.axes[0], along), y = dot(solid.axes[1], along);
  const double z = dot(solid.axes[2], along);
  if (!solid.round) return std::abs(x) + std::abs(y) + std::abs(z);
  if (solid.planes.empty()) return std::sqrt(x * x + y * y + z * z);
  return std::sqrt(x * x + y * y) + std::abs(z);
}

Toy fitted(Toy toy) {
  std::vector<Vec> points;
  for (const Solid& solid : toy.solids)
    for (const Vec& point : outline(solid)) points.push_back(point);
  Vec low = points.at(0), high = low;
  for (const Vec& p : points) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
  }
  const Vec middle = 0.5 * (low + high);
  double radius = 0;
  for (const Vec& p : points) radius = std::max(radius, length(p - middle));
  radius *= 1.02;
  for (Solid& solid : toy.solids) {
    solid.centre = 1 / radius * (solid.centre - middle);
    for (Vec& axis : solid.axes) axis = 1 / radius * axis;
  }
  toy.ground = (low.z - middle.z) / radius;
  return toy;
}

}  // namespace rectify::data
