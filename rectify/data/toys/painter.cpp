#include "rectify/data/toys/painter.h"

#include <algorithm>
#include <cmath>

namespace rectify::data {

namespace {

constexpr double between_cameras = 6;  // degrees around the toy
constexpr float shadow = .35f;         // what a shadow takes of a background
constexpr int fine = 2;                // rays for each pixel, in each direction

/// A tone with the toy's own contrast around middle grey, and with some levels of 255 added.
float jittered(float tone, const Scene& scene) {
  return static_cast<float>((static_cast<double>(tone) - .5) * scene.contrast + .5 +
                            scene.brightness / 255.0);
}

Pose pose_of(const Scene& scene) {
  Pose pose;
  pose.azimuth = 20.0 * scene.azimuth;
  pose.elevation = 30 + 5.0 * scene.elevation;
  pose.light = scene.light;
  pose.rotation = scene.rotation;
  pose.scale = scene.scale;
  pose.right = scene.shift_x / 48.0;
  pose.up = -scene.shift_y / 48.0;
  return pose;
}

}  // namespace

Painter::Painter(PictureForm form) : form_(form), rays_(form.size * fine) {
  for (std::size_t c = 0; c < models_.size(); ++c)
    for (const Toy& toy : toy_collection()[c]) models_[c].push_back(prepare(toy));
}

void Painter::shoot(const CastModel& model, const Pose& pose, std::array<ToyView, 2>& views) {
  studio_.place(model, pose);
  if (form_.cameras == 1) return studio_.shoot(0, rays_, views[0]);
  studio_.shoot(-between_cameras / 2, rays_, views[0]);
  studio_.shoot(between_cameras / 2, rays_, views[1]);
}

void Painter::paint(const ToySplit& split, std::size_t sample, std::span<std::uint8_t> to) {
  const Scene scene = split.scene(sample);
  const bool cluttered = split.variant() == ToyVariant::cluttered;
  const auto model = [&](int category, int instance) -> const CastModel& {
    return models_[static_cast<std::size_t>(category)][static_cast<std::size_t>(instance)];
  };
  if (scene.category != Scene::no_toy)
    shoot(model(scene.category, scene.instance), pose_of(scene), toy_);
  Clutter clutter;
  if (cluttered) {
    clutter = clutter_of(split, sample, scene);
    shoot(model(clutter.category, clutter.instance), clutter.pose, rim_);
  }
  for (int camera = 0; camera < form_.cameras; ++camera) {
    const double shift = camera == 0 ? 0 : clutter.apart;
    if (cluttered) paint_background(split, sample, shift, form_.size, background_);
    develop(scene, cluttered, camera, to);
  }
}

/// Lays what the camera sees on each other, and takes the mean over the rays of each pixel.
void Painter::develop(const Scene& scene, bool cluttered, int camera, std::span<std::uint8_t> to) {
  const auto which = static_cast<std::size_t>(camera);
  const bool has_toy = scene.category != Scene::no_toy;
  const auto table_light = static_cast<float>(Studio::table_tone(scene.light, 1));
  const auto table_shadow = static_cast<float>(Studio::table_tone(scene.light, 0));
  const auto tone_at = [&](std::size_t ray, std::size_t pixel) {
    if (has_toy && toy_[which].tone[ray] != ToyView::clear) {
      const float tone = toy_[which].tone[ray];
      return cluttered ? jittered(tone, scene) : tone;
    }
    const float lit = has_toy ? toy_[which].lit[ray] : 1;
    if (!cluttered) return table_shadow + lit * (table_light - table_shadow);
    const float rim = rim_[which].tone[ray];
    const float under = rim != ToyView::clear
                            ? rim
                            : background_[pixel] * (1 - shadow * (1 - rim_[which].lit[ray]));
    return under * (1 - shadow * (1 - lit));
  };
  for (int y = 0; y < form_.size; ++y)
    for (int x = 0; x < form_.size; ++x) {
      const auto pixel = static_cast<std::size_t>(y * form_.size + x);
      float sum = 0;
      for (int j = 0; j < fine; ++j)
        for (int i = 0; i < fine; ++i)
          sum += tone_at(static_cast<std::size_t>((y * fine + j) * rays_ + x * fine + i), pixel);
      const float level = sum / static_cast<float>(fine * fine);
      to[pixel * static_cast<std::size_t>(form_.cameras) + which] =
          static_cast<std::uint8_t>(std::clamp(level, 0.0f, 1.0f) * 255 + .5f);
    }
}

}  // namespace rectify::data
