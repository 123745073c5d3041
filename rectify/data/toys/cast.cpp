#include "rectify/data/toys/cast.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/instruction_set.h"

namespace rectify::data {

RECTIFY_CHOOSE_BY_ISA(CastKernel, cast_kernel)

namespace {

Vec apply(const std::array<Vec, 3>& rows, Vec v) {
  return {dot(rows[0], v), dot(rows[1], v), dot(rows[2], v)};
}

std::array<float, 3> floats(Vec v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

/// The plane as the rays see it. A ray along the plane meets it very far away: ahead where it runs
/// outside, behind where it runs inside.
CastPlane seen(const Plane& plane, std::int32_t face, Vec origin, Vec step_x, Vec step_y,
               Vec direction) {
  constexpr double parallel = 1e-7;
  const double along = dot(plane.normal, direction);
  const double rate = std::abs(along) < parallel ? -parallel : along;
  return {static_cast<float>((plane.limit - dot(plane.normal, origin)) / rate),
          static_cast<float>(-dot(plane.normal, step_x) / rate),
          static_cast<float>(-dot(plane.normal, step_y) / rate), rate < 0, face};
}

/// The rays from `low` to `high`, of `count`, that come within `reach` of `middle`.
void bound(double middle, double reach, int count, int& low, int& high) {
  low = std::clamp(static_cast<int>(std::floor(middle - reach)), 0, count);
  high = std::clamp(static_cast<int>(std::ceil(middle + reach)) + 1, low, count);
}

CastSolid seen(const CastModel::Part& part, std::int32_t first_face, const Rays& rays) {
  constexpr double flattest = 1e-5;
  const Solid& solid = part.solid;
  CastSolid s{};
  // Depths count from the solid's centre here, because a small solid is far from the rays' origin
  // in its own coordinates, and single precision would not do.
  const double offset = dot(solid.centre - rays.origin, rays.direction);
  s.offset = static_cast<float>(offset);
  const Vec origin = apply(part.inverse, rays.at(0, 0, offset) - solid.centre);
  const Vec step_x = apply(part.inverse, rays.step_x), step_y = apply(part.inverse, rays.step_y);
  const Vec d = apply(part.inverse, rays.direction);
  // Steps are at right angles to each other and to the rays.
  const Vec from = solid.centre - rays.origin;
  const double xx = dot(rays.step_x, rays.step_x), yy = dot(rays.step_y, rays.step_y);
  bound(dot(from, rays.step_x) / xx, reach(solid, rays.step_x) / xx, rays.width, s.left, s.right);
  bound(dot(from, rays.step_y) / yy, reach(solid, rays.step_y) / yy, rays.height, s.top, s.bottom);
  s.round = solid.round;
  s.origin = floats(origin), s.step_x = floats(step_x), s.step_y = floats(step_y);
  s.direction = floats(d);
  s.square = static_cast<float>(solid.square), s.linear = static_cast<float>(solid.linear);
  s.constant = static_cast<float>(solid.constant);
  double bend = d.x * d.x + d.y * d.y + solid.square * d.z * d.z;
  if (std::abs(bend) < flattest) bend = bend < 0 ? -flattest : flattest;
  s.bend = static_cast<float>(bend);
  // A cone's point lies on the side where the radius shrinks; a ray that goes away from it enters
  // the half of the solid at the later solution.
  if (bend < 0) s.half = (solid.linear > 0) == (d.z < 0) ? 1 : -1;
  s.plane_count = static_cast<int>(solid.planes.size());
  for (std::size_t i = 0; i < solid.planes.size(); ++i)
    s.planes[i] = seen(solid.planes[i], first_face + 1 + static_cast<std::int32_t>(i), origin,
                       step_x, step_y, d);
  s.first_face = first_face;
  return s;
}

}  // namespace

CastModel prepare(const Toy& toy) {
  CastModel model;
  model.ground = toy.ground;
  for (const Solid& solid : toy.solids) {
    const auto& [a, b, c] = solid.axes;
    const double volume = dot(a, cross(b, c));
    model.parts.push_back(
        {solid, {1 / volume * cross(b, c), 1 / volume * cross(c, a), 1 / volume * cross(a, b)}});
  }
  return model;
}

void cast(const CastModel& model, const Rays& rays, Hits& hits) {
  const auto count = static_cast<std::size_t>(rays.width) * static_cast<std::size_t>(rays.height);
  hits.depth.assign(count, std::numeric_limits<float>::max());
  hits.face.assign(count, Hits::nothing);
  std::vector<CastSolid> solids;
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    solids.push_back(seen(model.parts[i], static_cast<std::int32_t>(i) * Hits::faces, rays));
  cast_kernel().run(solids, rays.width, hits.depth.data(), hits.face.data());
}

Vec normal_at(const CastModel& model, std::int32_t face, Vec p) {
  const CastModel::Part& part = model.parts[static_cast<std::size_t>(face / Hits::faces)];
  const Solid& solid = part.solid;
  const int plane = face % Hits::faces - 1;
  Vec own = plane < 0 ? apply(part.inverse, p - solid.centre)
                      : solid.planes[static_cast<std::size_t>(plane)].normal;
  if (plane < 0) own.z = solid.square * own.z + solid.linear / 2;
  return unit(own.x * part.inverse[0] + own.y * part.inverse[1] + own.z * part.inverse[2]);
}

}  // namespace rectify::data
