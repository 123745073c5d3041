#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "rectify/data/toys/clutter.h"
#include "rectify/data/toys/collection.h"
#include "rectify/data/toys/scene.h"

namespace rectify::data {

/// The size of the pictures of a set.
struct PictureForm {
  int size = 32;    ///< pixels of a side
  int cameras = 2;  ///< 2: pairs, whose pictures are the channels of a sample
};

/// Paints samples. It keeps its memory from sample to sample; each thread has one of its own.
class Painter {
 public:
  explicit Painter(PictureForm form);

  /// Writes sample number `sample`: size x size x cameras bytes.
  void paint(const ToySplit& split, std::size_t sample, std::span<std::uint8_t> to);

 private:
  void shoot(const CastModel& model, const Pose& pose, std::array<ToyView, 2>& views);
  void develop(const Scene& scene, bool cluttered, int camera, std::span<std::uint8_t> to);

  PictureForm form_;
  int rays_;  ///< of a side
  std::array<std::vector<CastModel>, 5> models_;
  Studio studio_;
  std::array<ToyView, 2> toy_, rim_;
  std::vector<float> background_;
};

}  // namespace rectify::data
