#pragma once

#include <cstdint>
#include <string>

#include "rectify/base/shape.h"

namespace rectify::data {

/// How training images are varied: "crop 4, flip, cutout 8"; or with "alternating_flip" in place of
/// flip.
struct Augmentation {
  int crop = 0;              ///< shift by up to this many pixels each way; new pixels are 0
  bool flip = false;         ///< mirror left and right with probability 1/2
  bool alternating = false;  ///< for flip: random in the first epoch, then every other epoch
  int cutout = 0;            ///< side of a square of zeros; only its centre must be in the image

  bool any() const { return crop > 0 || flip || cutout > 0; }
};

/// Reads the list that the user gave with `flag`. Throws Error when it is not such a list.
Augmentation parse_augment(const std::string& text, const std::string& flag = "--augment");

/// Shifts an image of height x width x channels. Each pixel gets the pixel that is `down` below and
/// `right` beside it, or 0 from outside the image. If `flip`, the pixels are taken from the image
/// mirrored left to right.
void move_image(const Shape& shape, std::int64_t down, std::int64_t right, bool flip, float* image);

/// Varies images after normalisation, so that 0 is the mean of the training samples. Crop and flip
/// are as in He et al. 2015, cutout: DeVries & Taylor 2017, alternating_flip: Jordan 2024, section
/// 3.6. How a sample varies depends only on seed, epoch and sample number.
class Augmenter {
 public:
  /// `shape` is height x width x channels. Throws Error for samples of another shape, and for a
  /// crop or a cutout that is larger than the image.
  Augmenter(const Augmentation& how, std::uint64_t seed, const Shape& shape);

  void begin_epoch(std::uint32_t epoch) { epoch_ = epoch; }

  /// Varies sample number `sample`, whose pixels are at `image`.
  void apply(std::uint32_t sample, float* image) const;

 private:
  bool mirrored(std::uint32_t sample) const;
  void cut(std::int64_t y, std::int64_t x, float* image) const;

  Augmentation how_;
  std::uint64_t seed_;
  Shape shape_;
  std::uint32_t epoch_ = 0;
};

}  // namespace rectify::data
