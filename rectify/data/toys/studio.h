#pragma once

#include <vector>

#include "rectify/data/toys/cast.h"

namespace rectify::data {

/// The lights of a picture, as NORB has them: numbers from 0.
inline constexpr int studio_lights = 6;

/// How a toy stands before the camera. Frame units: the picture reaches from -1 to 1 both ways.
struct Pose {
  double azimuth = 0;     ///< degrees by which the toy is turned on its table
  double elevation = 45;  ///< degrees of the camera above the table
  int light = 0;
  double rotation = 0;       ///< degrees in the picture's plane
  double scale = 1;          ///< at 1 the toy's ball has a radius of `toy_radius`
  double right = 0, up = 0;  ///< where the toy's middle is, in frame units
};

/// The radius of the ball around a toy, in frame units.
inline constexpr double toy_radius = 0.84;

/// A toy as one camera sees it. All values are shares of full white, one for each ray.
struct ToyView {
  static constexpr float clear = -1;
  std::vector<float> tone;  ///< of the toy; `clear` where it is not
  std::vector<float> lit;   ///< of the ground: 1 in full light, 0 in the toy's shadow
};

/// Takes pictures. It keeps its memory from picture to picture; each thread has one of its own.
///
///     Studio studio;
///     studio.place(model, pose);
///     studio.shoot(-3, 96, left);  // two cameras, 96x96 rays each
///     studio.shoot(3, 96, right);
class Studio {
 public:
  /// Puts the toy under the light, which casts its shadows. `model` must stay.
  void place(const CastModel& model, const Pose& pose);

  /// Fills `view` by rays x rays rays of a camera that stands `aside` degrees around the toy.
  void shoot(double aside, int rays, ToyView& view);

  /// How bright the table is, as a share of full white, where its light is `lit`.
  static double table_tone(int light, double lit);

 private:
  /// A place as the light sees it: its ray, and how far along the ray it is.
  struct OnLight {
    float x, y, depth;
  };
  OnLight on_light(Vec p) const;
  float light_at(OnLight there) const;
  double toy_tone(std::int32_t face, Vec p, Vec to_camera) const;

  const CastModel* model_ = nullptr;
  Pose pose_;
  Vec to_light_;
  double exposure_ = 1;
  Rays light_rays_;
  Hits from_light_, from_camera_;
  std::vector<std::uint8_t> shades_;  ///< whether one of four neighbouring rays meets the toy
};

}  // namespace rectify::data
