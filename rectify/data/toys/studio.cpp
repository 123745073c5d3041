#include "rectify/data/toys/studio.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace rectify::data {

namespace {

/// A light: where it stands, in degrees to the right of the camera and above the table, how bright
/// it is on what faces it, and how much light comes from everywhere.
struct Light {
  double azimuth, elevation, direct, ambient;
};
constexpr std::array<Light, studio_lights> light_table = {{{-60, 38, .85, .24},
                                                           {60, 38, .85, .24},
                                                           {-15, 62, .80, .22},
                                                           {130, 48, .75, .32},
                                                           {-140, 48, .75, .32},
                                                           {20, 80, .50, .46}}};
constexpr double paint = .60, table = .85;  // the share of light that toys and table throw back
constexpr int light_rays = 96;

const Light& light_of(int number) { return light_table[static_cast<std::size_t>(number)]; }

/// The direction from the toy to something `elevation` degrees above the table.
Vec direction_to(double azimuth, double elevation) {
  const Turn lift = turn_by(elevation), around = turn_by(azimuth);
  return {lift.cosine * around.cosine, lift.cosine * around.sine, lift.sine};
}

/// Square rays that look at the origin from `towards`; its middle is at (right, up), and the
/// picture reaches `half` to each side, all in units of space.
Rays rays_from(Vec towards, double roll, double half, double right, double up, int count) {
  const Vec level = unit(cross({0, 0, 1}, towards)), upright = cross(towards, level);
  const Turn turn = turn_by(roll);
  const Vec x = turn.cosine * level + turn.sine * upright;
  const Vec y = turn.cosine * upright - turn.sine * level;
  const double step = 2 * half / count;
  constexpr double distance = 4;
  Rays rays;
  rays.step_x = step * x;
  rays.step_y = -step * y;
  rays.direction = -1.0 * towards;
  rays.origin = distance * towards + (step / 2 - half - right) * x + (half - step / 2 - up) * y;
  rays.width = rays.height = count;
  return rays;
}

}  // namespace

void Studio::place(const Model& model, const Pose& pose) {
  model_ = &model;
  pose_ = pose;
  const Light& light = light_of(pose.light);
  to_light_ = direction_to(pose.azimuth + light.azimuth, light.elevation);
  light_rays_ = rays_from(to_light_, 0, 1.05, 0, 0, light_rays);
  cast(model, light_rays_, from_light_);
}

/// The share of the light that comes to `p`: the mean of the four nearest rays of the light. What
/// lies less than `slack` behind the first surface is that surface.
double Studio::light_at(Vec p, double slack) const {
  const Vec from = p - light_rays_.origin;
  const double scale = 1 / dot(light_rays_.step_x, light_rays_.step_x);
  const double x = scale * dot(from, light_rays_.step_x), y = scale * dot(from, light_rays_.step_y);
  if (!(x > 0 && y > 0 && x < light_rays - 1 && y < light_rays - 1)) return 1;
  const auto depth = static_cast<float>(dot(from, light_rays_.direction) - slack);
  const auto left = static_cast<int>(x), top = static_cast<int>(y);
  const double right_share = x - left, low_share = y - top;
  const float* at = from_light_.depth.data() + top * light_rays + left;
  const auto lit = [&](int i) { return at[i] > depth ? 1.0 : 0.0; };
  return (1 - low_share) * ((1 - right_share) * lit(0) + right_share * lit(1)) +
         low_share * ((1 - right_share) * lit(light_rays) + right_share * lit(light_rays + 1));
}

double Studio::toy_tone(std::int32_t face, Vec p, Vec to_camera) const {
  const Light& light = light_of(pose_.light);
  const Vec normal = normal_at(*model_, face, p);
  const double facing = dot(normal, to_light_);
  double tone =
      light.ambient * (.75 + .35 * normal.z) + .10 * std::max(0.0, dot(normal, to_camera));
  if (facing > 0) tone += light.direct * facing * light_at(p, .05 + .04 / (facing + .2));
  return paint * tone;
}

double Studio::table_tone(int light, double lit) {
  const Light& of = light_of(light);
  return table * (of.ambient + of.direct * turn_by(of.elevation).sine * lit);
}

void Studio::shoot(double aside, int rays, Layer& layer) {
  const double unit_of_space = 1 / (toy_radius * pose_.scale);  // of a frame unit
  const Vec to_camera = direction_to(pose_.azimuth + aside, pose_.elevation);
  const Rays grid = rays_from(to_camera, pose_.rotation, unit_of_space, pose_.right * unit_of_space,
                              pose_.up * unit_of_space, rays);
  cast(*model_, grid, from_camera_);
  const std::size_t count = from_camera_.face.size();
  layer.tone.resize(count);
  layer.lit.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = static_cast<double>(i % static_cast<std::size_t>(rays));
    const auto y = static_cast<double>(i / static_cast<std::size_t>(rays));
    const std::int32_t face = from_camera_.face[i];
    layer.tone[i] = Layer::clear;
    layer.lit[i] = 0;
    if (face != Hits::nothing) {
      const Vec p = grid.at(x, y, static_cast<double>(from_camera_.depth[i]));
      layer.tone[i] = static_cast<float>(toy_tone(face, p, to_camera));
    } else {
      const Vec start = grid.at(x, y, 0);
      const double depth = (model_->ground - start.z) / grid.direction.z;
      layer.lit[i] = static_cast<float>(light_at(start + depth * grid.direction, .02));
    }
  }
}

}  // namespace rectify::data
