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
// How bright the table is in full light, as a share of white, and the toys' paint beside it.
constexpr double table = .75, paint = .52;
constexpr int light_rays = 96;
constexpr float beyond_toy = 100;  // a depth that no surface of a toy has

const Light& light_of(int number) { return light_table[static_cast<std::size_t>(number)]; }

/// What the camera makes of the light, so that a table in full light is always `table` bright.
double exposure(const Light& light) {
  return 1 / (light.ambient + light.direct * turn_by(light.elevation).sine);
}

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

void Studio::place(const CastModel& model, const Pose& pose) {
  model_ = &model;
  pose_ = pose;
  const Light& light = light_of(pose.light);
  to_light_ = direction_to(pose.azimuth + light.azimuth, light.elevation);
  light_rays_ = rays_from(to_light_, 0, 1.05, 0, 0, light_rays);
  exposure_ = exposure(light);
  cast(model, light_rays_, from_light_);
  shades_.assign(from_light_.face.size(), 0);
  for (std::size_t i = 0; i + light_rays + 1 < shades_.size(); ++i)
    for (const std::size_t next : {0, 1, light_rays, light_rays + 1})
      shades_[i] |= from_light_.face[i + next] != Hits::nothing;
}

/// Where `p` lies among the rays of the light.
Studio::OnLight Studio::on_light(Vec p) const {
  const Vec from = p - light_rays_.origin;
  const double scale = 1 / dot(light_rays_.step_x, light_rays_.step_x);
  return {static_cast<float>(scale * dot(from, light_rays_.step_x)),
          static_cast<float>(scale * dot(from, light_rays_.step_y)),
          static_cast<float>(dot(from, light_rays_.direction))};
}

/// The share of the light that comes there: the mean of the four nearest rays of the light.
float Studio::light_at(OnLight there) const {
  constexpr float last = light_rays - 1;
  if (!(there.x > 0 && there.y > 0 && there.x < last && there.y < last)) return 1;
  const auto left = static_cast<std::size_t>(there.x), top = static_cast<std::size_t>(there.y);
  const std::size_t first = top * light_rays + left;
  if (!shades_[first]) return 1;
  const float right_share = there.x - static_cast<float>(left);
  const float low_share = there.y - static_cast<float>(top);
  const auto lit = [&](std::size_t next) {
    return from_light_.depth[first + next] > there.depth ? 1.0f : 0.0f;
  };
  return (1 - low_share) * ((1 - right_share) * lit(0) + right_share * lit(1)) +
         low_share * ((1 - right_share) * lit(light_rays) + right_share * lit(light_rays + 1));
}

double Studio::toy_tone(std::int32_t face, Vec p, Vec to_camera) const {
  const Light& light = light_of(pose_.light);
  const Vec normal = normal_at(*model_, face, p);
  const double facing = dot(normal, to_light_);
  double tone =
      light.ambient * (.75 + .35 * normal.z) + .10 * std::max(0.0, dot(normal, to_camera));
  if (facing > 0) {
    // What lies less than this behind the first surface is that surface.
    const double slack = .05 + .04 / (facing + .2);
    tone += light.direct * facing * static_cast<double>(light_at(on_light(p + slack * to_light_)));
  }
  return paint * exposure_ * tone;
}

double Studio::table_tone(int light, double lit) {
  const Light& of = light_of(light);
  return table * exposure(of) * (of.ambient + of.direct * turn_by(of.elevation).sine * lit);
}

void Studio::shoot(double aside, int rays, ToyView& view) {
  const double unit_of_space = 1 / (toy_radius * pose_.scale);  // of a frame unit
  const Vec to_camera = direction_to(pose_.azimuth + aside, pose_.elevation);
  const Rays grid = rays_from(to_camera, pose_.rotation, unit_of_space, pose_.right * unit_of_space,
                              pose_.up * unit_of_space, rays);
  cast(*model_, grid, from_camera_);
  view.tone.assign(from_camera_.face.size(), ToyView::clear);
  view.lit.assign(from_camera_.face.size(), 0);
  // The rays meet the ground at points that follow each other at equal distances.
  const auto on_ground = [&](double x, double y) {
    const Vec start = grid.at(x, y, 0);
    return on_light(start + (model_->ground - start.z) / grid.direction.z * grid.direction);
  };
  const OnLight first = on_ground(0, 0), next = on_ground(1, 0), below = on_ground(0, 1);
  std::size_t i = 0;
  for (int y = 0; y < rays; ++y)
    for (int x = 0; x < rays; ++x, ++i) {
      const std::int32_t face = from_camera_.face[i];
      if (face != Hits::nothing) {
        const Vec p = grid.at(x, y, static_cast<double>(from_camera_.depth[i]));
        view.tone[i] = static_cast<float>(toy_tone(face, p, to_camera));
        continue;
      }
      const auto step_x = static_cast<float>(x), step_y = static_cast<float>(y);
      view.lit[i] = light_at({first.x + step_x * (next.x - first.x) + step_y * (below.x - first.x),
                              first.y + step_x * (next.y - first.y) + step_y * (below.y - first.y),
                              beyond_toy});
    }
}

}  // namespace rectify::data
