#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rectify/base/shape.h"

namespace rectify::model {

/// Several views of one image, whose answers are averaged. "flip" adds the mirrored image. "crop N"
/// adds four images, moved by N pixels towards each corner, as Krizhevsky et al. 2012 (section 4.1)
/// do with ten crops.
class Views {
 public:
  /// The image alone.
  Views() = default;
  /// `list`: for example "flip, crop 2". `shape`: height x width x channels of normalised images;
  /// moved images are padded with 0. Throws Error for any other list, for samples that are not
  /// images, and for moves that leave nothing of the image.
  Views(const std::string& list, const Shape& shape);

  std::size_t count() const { return all_.size(); }

  /// Turns the image, height x width x channels floats, into the view; view 0 is the image itself.
  void apply(std::size_t view, float* image) const;

 private:
  struct View {
    std::int64_t down = 0, right = 0;
    bool flip = false;
  };
  Shape shape_;
  std::vector<View> all_ = {{}};
};

}  // namespace rectify::model
