#pragma once

#include <cstdint>
#include <string>

#include "rectify/base/shape.h"

namespace rectify::data {

/// How training images are varied: "crop 4, flip, cutout 8", or "alternating_flip" for flip.
struct Augmentation {
  int crop = 0;              ///< moved by up to so many pixels each way; what comes in is 0
  bool flip = false;         ///< left and right exchanged, one time in two
  bool alternating = false;  ///< flip: by chance in the first epoch, then every other epoch
  int cutout = 0;  ///< side of a square of zeros whose centre is anywhere; at the edge cut off

  bool any() const { return crop > 0 || flip || cutout > 0; }
};

/// Reads the list that the flag was given. Throws Error for what is none.
Augmentation parse_augment(const std::string& text, const std::string& flag = "--augment");

/// Moves an image of height x width x channels: what lies `down` and `right` of a place comes to
/// it, 0 from outside; then, where `flip` says so, what came is taken from the mirrored image.
void move_image(const Shape& shape, std::int64_t down, std::int64_t right, bool flip, float* image);

/// Varies images after they were normalised, so that 0 is the mean of the training samples (crop
/// and flip as in He et al. 2015, cutout: DeVries & Taylor 2017, alternating_flip: Jordan 2024,
/// section 3.6). What happens to a sample is
/// addressed by (seed, epoch, sample).
class Augmenter {
 public:
  /// `shape`: height x width x channels. Throws Error for other samples, and for what is larger
  /// than the image.
  Augmenter(const Augmentation& how, std::uint64_t seed, const Shape& shape);

  void begin_epoch(std::uint32_t epoch) { epoch_ = epoch; }

  /// Varies the sample `row`, which lies at `image`.
  void apply(std::uint32_t row, float* image) const;

 private:
  bool mirrored(std::uint32_t row) const;
  void cut(std::int64_t y, std::int64_t x, float* image) const;

  Augmentation how_;
  std::uint64_t seed_;
  Shape shape_;
  std::uint32_t epoch_ = 0;
};

}  // namespace rectify::data
