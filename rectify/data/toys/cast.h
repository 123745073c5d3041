#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "rectify/data/toys/solid.h"

namespace rectify::data {

/// A grid of parallel rays: ray (x, y) starts at origin + x step_x + y step_y and goes along
/// `direction`, whose length is 1.
struct Rays {
  Vec origin, step_x, step_y, direction;
  int width = 0, height = 0;

  Vec at(double x, double y, double depth) const {
    return origin + x * step_x + y * step_y + depth * direction;
  }
};

/// A toy made ready for casting.
struct CastModel {
  /// A solid, with the rows of the matrix that takes p - centre to its own coordinates.
  struct Part {
    Solid solid;
    std::array<Vec, 3> inverse;
  };
  std::vector<Part> parts;
  double ground = 0;
};

CastModel prepare(const Toy& toy);

/// What each ray meets first. The rays of a picture stand row by row.
struct Hits {
  static constexpr std::int32_t nothing = -1;
  static constexpr int faces = 8;  ///< part p's round surface is 8 p, its plane i is 8 p + 1 + i
  std::vector<float> depth;        ///< along the ray
  std::vector<std::int32_t> face;
};

/// Casts the rays at the model. All arithmetic is in single precision without fused operations, so
/// that every instruction set gives the same bits.
void cast(const CastModel& model, const Rays& rays, Hits& hits);

/// The outward normal, of length 1, of `face` at the point `p`.
Vec normal_at(const CastModel& model, std::int32_t face, Vec p);

// What follows is between cast.cpp and its kernel.

/// A plane as rays see it: ray (x, y) meets it at depth at + x per_x + y per_y.
struct CastPlane {
  float at, per_x, per_y;
  bool enters;  ///< rays go into the solid here, not out of it
  std::int32_t face;
};

/// A solid as rays see it, in its own coordinates.
struct CastSolid {
  int left, right, top, bottom;  ///< rays that can meet it: left <= x < right, top <= y < bottom
  float offset;                  ///< what is to be added to its depths
  bool round;
  std::array<float, 3> origin, step_x, step_y, direction;
  float square, linear, constant;
  float bend;  ///< the coefficient of depth^2 in the round surface's equation; not 0
  /// Where `bend` is negative, rays run inside a cone's two halves before and behind the two
  /// solutions. 1: this half is behind the second; -1: before the first.
  int half;
  std::array<CastPlane, 6> planes;
  int plane_count;
  std::int32_t first_face;
};

struct CastKernel {
  void (*run)(std::span<const CastSolid> solids, int width, float* depth, std::int32_t* face);
};

const CastKernel& cast_kernel();

}  // namespace rectify::data
