// The loops over rays. They are plain loops over a row, one surface after the other, so that the
// compiler makes vector code of them.

#include "rectify/data/toys/cast.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace rectify::data::RECTIFY_ISA {

namespace {

constexpr int strip = 64;  // rays of a row that are cast together
constexpr float far_away = 1e6f;

/// Where the rays of a strip are inside the surfaces looked at so far, and the face they came in
/// by.
struct Strip {
  alignas(64) float enter[strip];
  alignas(64) float leave[strip];
  alignas(64) std::int32_t face[strip];
};

void meet_round(const CastSolid& s, float x0, float y, int count, Strip& strip_of) {
  const float ax = s.origin[0] + y * s.step_y[0], ay = s.origin[1] + y * s.step_y[1];
  const float az = s.origin[2] + y * s.step_y[2];
  const float dx = s.direction[0], dy = s.direction[1], dz = s.direction[2];
  const float inverse = 1 / s.bend, k = s.square, half_linear = s.linear / 2;
  for (int i = 0; i < count; ++i) {
    const float x = x0 + static_cast<float>(i);
    const float px = ax + x * s.step_x[0], py = ay + x * s.step_x[1], pz = az + x * s.step_x[2];
    const float b = px * dx + py * dy + (k * pz + half_linear) * dz;
    const float c = px * px + py * py + (k * pz + s.linear) * pz + s.constant;
    const float inside = b * b - s.bend * c;
    const float root = std::sqrt(inside > 0 ? inside : 0.0f);
    const float t1 = (-b - root) * inverse, t2 = (-b + root) * inverse;
    const float low = t1 < t2 ? t1 : t2, high = t1 < t2 ? t2 : t1;
    float enter = low, leave = high;
    if (s.half > 0) enter = high, leave = far_away;
    if (s.half < 0) enter = -far_away, leave = low;
    strip_of.enter[i] = inside > 0 ? enter : far_away;
    strip_of.leave[i] = inside > 0 ? leave : -far_away;
    strip_of.face[i] = s.first_face;
  }
}

void meet_plane(const CastPlane& plane, float x0, float y, int count, Strip& strip_of) {
  const float at = plane.at + y * plane.per_y;
  for (int i = 0; i < count; ++i) {
    const float t = at + (x0 + static_cast<float>(i)) * plane.per_x;
    if (plane.enters) {
      const bool later = t > strip_of.enter[i];
      strip_of.face[i] = later ? plane.face : strip_of.face[i];
      strip_of.enter[i] = later ? t : strip_of.enter[i];
    } else {
      strip_of.leave[i] = t < strip_of.leave[i] ? t : strip_of.leave[i];
    }
  }
}

void meet(const CastSolid& s, int left, int count, int y, float* depth, std::int32_t* face) {
  Strip of;
  const auto x0 = static_cast<float>(left), row = static_cast<float>(y);
  if (s.round) {
    meet_round(s, x0, row, count, of);
  } else {
    std::fill_n(of.enter, count, -far_away);
    std::fill_n(of.leave, count, far_away);
    std::fill_n(of.face, count, s.first_face);
  }
  for (int i = 0; i < s.plane_count; ++i)
    meet_plane(s.planes[static_cast<std::size_t>(i)], x0, row, count, of);
  for (int i = 0; i < count; ++i) {
    const float enter = of.enter[i] + s.offset;
    const bool seen = (of.enter[i] < of.leave[i]) & (enter < depth[i]);
    face[i] = seen ? of.face[i] : face[i];
    depth[i] = seen ? enter : depth[i];
  }
}

void run(std::span<const CastSolid> solids, int width, float* depth, std::int32_t* face) {
  for (const CastSolid& s : solids)
    for (int y = s.top; y < s.bottom; ++y)
      for (int left = s.left; left < s.right; left += strip) {
        const auto at = static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                        static_cast<std::size_t>(left);
        meet(s, left, std::min(strip, s.right - left), y, depth + at, face + at);
      }
}

}  // namespace

extern const CastKernel cast_kernel;
const CastKernel cast_kernel = {run};

}  // namespace rectify::data::RECTIFY_ISA
