#pragma once

#include <array>
#include <vector>

#include "rectify/data/toys/vec.h"

namespace rectify::data {

/// The half space n . q <= limit, in a solid's own coordinates.
struct Plane {
  Vec normal;
  double limit = 0;
};

/// A simple convex solid: what lies inside a round surface, where it has one, and inside planes.
/// Its own coordinates q are those of p = centre + q.x axes[0] + q.y axes[1] + q.z axes[2]. The
/// round surface is q.x^2 + q.y^2 + square q.z^2 + linear q.z + constant = 0.
struct Solid {
  Vec centre;
  std::array<Vec, 3> axes;
  bool round = false;
  double square = 0, linear = 0, constant = 0;
  std::vector<Plane> planes;
};

/// An ellipsoid along the axes of space, by its half extents.
Solid ball(Vec centre, Vec half);

/// A box along the axes of space, by its half extents. It narrows upwards: its half extents at the
/// top are 1 - `narrow_x` and 1 - `narrow_y` of those at the bottom.
Solid block(Vec centre, Vec half, double narrow_x = 0, double narrow_y = 0);

/// A round rod with flat ends; a cone where the radii differ.
Solid rod(Vec from, Vec to, double radius_from, double radius_to);
inline Solid rod(Vec from, Vec to, double radius) { return rod(from, to, radius, radius); }

/// A wing or fin from its root to its tip: a flat board whose chord lies along x, `chord` wide at
/// the root and `tip` of that at the tip.
Solid fin(Vec root, Vec tip_point, double chord, double thickness, double tip);

/// The solid turned around its centre.
Solid turned(Solid solid, int axis, double degrees);

/// The solid on the other side of the plane y = 0.
Solid mirrored(Solid solid);

/// A toy. Toys are designed with x ahead, y to the left, z upwards and the ground at z = 0.
struct Toy {
  std::vector<Solid> solids;
  double ground = 0;  ///< the height of the ground that it stands on

  void add(Solid solid) { solids.push_back(std::move(solid)); }
  /// The solid and its mirror image.
  void add_pair(const Solid& solid) {
    solids.push_back(solid);
    solids.push_back(mirrored(solid));
  }
};

/// How far the solid reaches from its centre to both sides along the direction `along`.
double reach(const Solid& solid, Vec along);

/// The toy moved and scaled so that it just fits into the ball of radius 1 around the origin.
Toy fitted(Toy toy);

}  // namespace rectify::data
