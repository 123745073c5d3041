#pragma once

#include <array>
#include <cmath>

namespace rectify::data {

/// A point or a direction in space.
struct Vec {
  double x = 0, y = 0, z = 0;
};

constexpr Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
constexpr Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
constexpr Vec operator*(double s, Vec a) { return {s * a.x, s * a.y, s * a.z}; }
constexpr double dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec cross(Vec a, Vec b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(Vec a) { return std::sqrt(dot(a, a)); }
inline Vec unit(Vec a) { return (1 / length(a)) * a; }

/// Cosine and sine of an angle.
struct Turn {
  double cosine = 1, sine = 0;
};

/// The turn by `degrees`. It is computed by additions and multiplications only, because the sines
/// of mathematical libraries differ in their last bits.
Turn turn_by(double degrees);

/// `v` turned around an axis of the coordinates (0: x, 1: y, 2: z), anticlockwise when the axis
/// points at who looks.
Vec turned(Vec v, int axis, Turn turn);

}  // namespace rectify::data
