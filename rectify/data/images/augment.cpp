#include "rectify/data/images/augment.h"

#include <algorithm>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"

namespace rectify::data {

Augmentation parse_augment(const std::string& text, const std::string& flag) {
  Augmentation found;
  if (trim(text).empty()) return found;
  for (const std::string& part : split(text, ',')) {
    const std::string_view item = trim(part);
    const std::size_t space = item.find(' ');
    const std::string_view name = item.substr(0, space);
    const auto number = space == std::string_view::npos
                            ? std::nullopt
                            : parse_integer(trim(item.substr(space + 1)));
    const auto wanted = number.value_or(0);
    const int pixels = wanted >= 1 && wanted <= 65535 ? static_cast<int>(wanted) : 0;
    const bool alternating = name == "alternating_flip";
    if ((name == "flip" || alternating) && space == std::string_view::npos) {
      found.flip = true;
      found.alternating = alternating;
    } else if (name == "crop" && pixels > 0) {
      found.crop = pixels;
    } else if (name == "cutout" && pixels > 0) {
      found.cutout = pixels;
    } else {
      fail(flag, " wants a list such as 'crop 4, flip', with numbers of pixels, not '", text, "'");
    }
  }
  return found;
}

void move_image(const Shape& shape, std::int64_t down, std::int64_t right, bool flip,
                float* image) {
  const std::int64_t height = shape[0], width = shape[1], channels = shape[2];
  thread_local std::vector<float> before;  // keeps its room
  before.assign(image, image + height * width * channels);
  std::fill_n(image, before.size(), 0.0f);
  const std::int64_t left = std::max<std::int64_t>(0, -right);
  const std::int64_t end = std::min(width, width - right);
  for (std::int64_t y = std::max<std::int64_t>(0, -down); y < std::min(height, height - down);
       ++y) {
    const float* const from = before.data() + (y + down) * width * channels;
    float* const to = image + y * width * channels;
    if (!flip) {
      std::copy(from + (left + right) * channels, from + (end + right) * channels,
                to + left * channels);
      continue;
    }
    for (std::int64_t x = left; x < end; ++x)
      std::copy_n(from + (width - 1 - x - right) * channels, channels, to + x * channels);
  }
}

Augmenter::Augmenter(const Augmentation& how, std::uint64_t seed, const Shape& shape)
    : how_(how), seed_(seed), shape_(shape) {
  if (shape.rank() != 3)
    fail("--augment varies images (height x width x channels), but samples are ", shape.text());
  if (std::max(how.crop, how.cutout) > std::min(shape[0], shape[1]))
    fail("--augment moves or cuts ", std::max(how.crop, how.cutout), " pixels, but the images are ",
         shape.text(), "; take fewer");
}

bool Augmenter::mirrored(std::uint32_t sample) const {
  if (!how_.flip) return false;
  const Random random(seed_, static_cast<std::uint32_t>(Stream::augment),
                      how_.alternating ? 0 : epoch_);
  const bool drawn = random.below(8 * std::uint64_t{sample} + 2, 2) == 1;
  return drawn != (how_.alternating && epoch_ % 2 == 1);
}

void Augmenter::apply(std::uint32_t sample, float* image) const {
  const Random random(seed_, static_cast<std::uint32_t>(Stream::augment), epoch_);
  const std::uint64_t first = 8 * std::uint64_t{sample};
  const auto below = [&](std::uint64_t i, std::int64_t bound) {
    return static_cast<std::int64_t>(random.below(first + i, static_cast<std::uint32_t>(bound)));
  };
  if (how_.crop > 0 || how_.flip)
    move_image(shape_, below(0, 2 * how_.crop + 1) - how_.crop,
               below(1, 2 * how_.crop + 1) - how_.crop, mirrored(sample), image);
  if (how_.cutout > 0) cut(below(4, shape_[0]), below(5, shape_[1]), image);
}

void Augmenter::cut(std::int64_t y, std::int64_t x, float* image) const {
  const std::int64_t height = shape_[0], width = shape_[1], channels = shape_[2];
  const std::int64_t side = how_.cutout, top = y - side / 2, left = x - side / 2;
  const std::int64_t first = std::max<std::int64_t>(0, left), end = std::min(width, left + side);
  for (std::int64_t r = std::max<std::int64_t>(0, top); r < std::min(height, top + side); ++r)
    std::fill(image + (r * width + first) * channels, image + (r * width + end) * channels, 0.0f);
}

}  // namespace rectify::data
