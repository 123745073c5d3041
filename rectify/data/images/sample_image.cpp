#include "rectify/data/images/sample_image.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rectify::data {

namespace {

/// The numbers of a sample as 0 to 255.
std::vector<double> levels_of(const Split& split, std::size_t features, std::size_t sample) {
  std::vector<double> levels(features);
  if (!split.bytes.empty()) {
    std::copy_n(split.bytes.data() + sample * features, features, levels.begin());
    return levels;
  }
  std::copy_n(split.values.data() + sample * features, features, levels.begin());
  const auto [low, high] = std::ranges::minmax(levels);
  const double scale = high > low ? 255 / (high - low) : 0;
  for (double& level : levels) level = (level - low) * scale;
  return levels;
}

}  // namespace

std::optional<Image> sample_image(const Dataset& dataset, const Split& split, std::size_t sample,
                                  std::size_t most) {
  const Shape& shape = dataset.sample_shape;
  if (shape.rank() != 3 || shape[0] < 2 || shape[1] < 2 || dataset.ids) return std::nullopt;
  const auto h = static_cast<std::size_t>(shape[0]), w = static_cast<std::size_t>(shape[1]);
  const auto c = static_cast<std::size_t>(shape[2]);
  const std::vector<double> levels = levels_of(split, dataset.features(), sample);
  const std::size_t block = (std::max(h, w) + most - 1) / most;
  const bool colour = c == 3;
  const std::size_t beside = colour ? 1 : c;  // pictures side by side
  const std::size_t high = (h + block - 1) / block, wide = (w + block - 1) / block;
  Image image{.width = wide * beside, .height = high, .channels = colour ? 3u : 1u, .bytes = {}};
  image.bytes.resize(image.width * image.height * image.channels);
  const auto mean_of = [&](std::size_t y, std::size_t x, std::size_t channel) {
    double sum = 0, count = 0;
    for (std::size_t v = y * block; v < std::min(h, (y + 1) * block); ++v)
      for (std::size_t u = x * block; u < std::min(w, (x + 1) * block); ++u)
        sum += levels[(v * w + u) * c + channel], ++count;
    return static_cast<std::uint8_t>(std::clamp(std::round(sum / count), 0.0, 255.0));
  };
  for (std::size_t channel = 0; channel < c; ++channel)
    for (std::size_t y = 0; y < high; ++y)
      for (std::size_t x = 0; x < wide; ++x) {
        const std::size_t at =
            colour ? (y * wide + x) * 3 + channel : y * image.width + channel * wide + x;
        image.bytes[at] = mean_of(y, x, channel);
      }
  return image;
}

}  // namespace rectify::data
