#include "rectify/data/toys/vec.h"

#include <numbers>

namespace rectify::data {

Turn turn_by(double degrees) {
  // A 64th of the angle, at most 180 degrees, is small enough for a short series; doubling the
  // angle six times brings it back.
  const double whole = 360 * std::floor(degrees / 360 + 0.5);
  const double x = (degrees - whole) * (std::numbers::pi / 180 / 64), square = x * x;
  Turn turn{1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56))),
            x * (1 - square / 6 * (1 - square / 20 * (1 - square / 42)))};
  for (int i = 0; i < 6; ++i) turn = {1 - 2 * turn.sine * turn.sine, 2 * turn.sine * turn.cosine};
  return turn;
}

Vec turned(Vec v, int axis, Turn t) {
  if (axis == 0) return {v.x, t.cosine * v.y - t.sine * v.z, t.sine * v.y + t.cosine * v.z};
  if (axis == 1) return {t.cosine * v.x + t.sine * v.z, v.y, t.cosine * v.z - t.sine * v.x};
  return {t.cosine * v.x - t.sine * v.y, t.sine * v.x + t.cosine * v.y, v.z};
}

}  // namespace rectify::data
