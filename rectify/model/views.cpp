#include "rectify/model/views.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/data/images/augment.h"

namespace rectify::model {

Views::Views(const std::string& list, const Shape& shape) : shape_(shape) {
  const data::Augmentation how = data::parse_augment(list, "--views");
  if (!how.any()) return;
  if (how.cutout > 0 || how.alternating)
    fail("--views takes flip and crop; the rest is for training, as --augment");
  if (shape.rank() != 3)
    fail("--views are of images (height x width x channels), but samples are ", shape.text());
  if (how.crop >= std::min(shape[0], shape[1]))
    fail("--views moves images by ", how.crop, " pixels, but they are ", shape.text(),
         "; take fewer");
  if (how.crop > 0)
    for (const std::int64_t down : {-how.crop, how.crop})
      for (const std::int64_t right : {-how.crop, how.crop}) all_.push_back({down, right});
  if (!how.flip) return;
  for (std::size_t i = 0, plain = all_.size(); i < plain; ++i)
    all_.push_back({all_[i].down, all_[i].right, true});
}

void Views::apply(std::size_t view, float* image) const {
  const auto& [down, right, flip] = all_[view];
  if (view > 0) data::move_image(shape_, down, right, flip, image);
}

}  // namespace rectify::model
