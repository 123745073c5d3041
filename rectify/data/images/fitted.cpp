// Pictures of any size as samples of one.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/images/image.h"

namespace rectify::data {

namespace {

/// The pixels of a line that one new pixel is made of, and their shares, which sum up to 1.
struct Mix {
  std::size_t first = 0;
  std::vector<double> shares;
};

/// How `count` new pixels are made of those from `begin` to `end` of a line of `size`. The share of
/// a pixel falls linearly with its distance, to 0 at the distance of one new or one old pixel,
/// whichever is larger. Pixels beside the part that is cut out count where they are near enough.
std::vector<Mix> mixes(std::size_t size, double begin, double end, std::size_t count) {
  const double step = (end - begin) / static_cast<double>(count), reach = std::max(1.0, step);
  std::vector<Mix> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double centre = begin + (static_cast<double>(i) + 0.5) * step;
    const auto limit = [&](double at) {
      return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(size)));
    };
    const std::size_t first = limit(std::floor(centre - reach)),
                      last = limit(std::ceil(centre + reach));
    Mix& mix = all[i];
    mix.first = first;
    double sum = 0;
    for (std::size_t p = first; p < last; ++p) {
      const double distance = std::abs(static_cast<double>(p) + 0.5 - centre);
      mix.shares.push_back(std::max(0.0, 1 - distance / reach));
      sum += mix.shares.back();
    }
    for (double& share : mix.shares) share /= sum;
  }
  return all;
}

/// The part of a picture that is cut out: as large as it can be in the shape that is wanted, in the
/// middle.
struct Part {
  double left = 0, top = 0, right, bottom;

  Part(const Image& image, std::size_t height, std::size_t width)
      : right(static_cast<double>(image.width)), bottom(static_cast<double>(image.height)) {
    const double shape = static_cast<double>(width) / static_cast<double>(height);
    if (right > bottom * shape) {
      left = (right - bottom * shape) / 2;
      right -= left;
    } else {
      top = (bottom - right / shape) / 2;
      bottom -= top;
    }
  }
};

Image resized(const Image& image, std::size_t height, std::size_t width) {
  const Part part(image, height, width);
  const std::size_t c = image.channels;
  const std::vector<Mix> across = mixes(image.width, part.left, part.right, width),
                         down = mixes(image.height, part.top, part.bottom, height);
  Image out{.width = width, .height = height, .channels = c, .transparent = image.transparent};
  out.bytes.resize(height * width * c);
  std::vector<double> row(width * c);
  std::vector<std::vector<double>> narrow(image.height);  // rows of the new width, when needed
  const auto narrow_row = [&](std::size_t y) -> const std::vector<double>& {
    std::vector<double>& to = narrow[y];
    if (!to.empty()) return to;
    to.assign(width * c, 0);
    const std::uint8_t* from = image.bytes.data() + y * image.width * c;
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t p = 0; p < across[x].shares.size(); ++p)
        for (std::size_t k = 0; k < c; ++k)
          to[x * c + k] += across[x].shares[p] * from[(across[x].first + p) * c + k];
    return to;
  };
  std::size_t done = 0;  // rows above are not needed any more
  for (std::size_t y = 0; y < height; ++y) {
    std::ranges::fill(row, 0.0);
    for (std::size_t p = 0; p < down[y].shares.size(); ++p) {
      const std::vector<double>& from = narrow_row(down[y].first + p);
      for (std::size_t i = 0; i < row.size(); ++i) row[i] += down[y].shares[p] * from[i];
    }
    for (; done < down[y].first; ++done) std::vector<double>().swap(narrow[done]);
    for (std::size_t i = 0; i < row.size(); ++i)
      out.bytes[y * row.size() + i] =
          static_cast<std::uint8_t>(std::clamp(std::floor(row[i] + 0.5), 0.0, 255.0));
  }
  return out;
}

/// The picture in grey, or in three channels.
Image with_channels(Image image, std::size_t channels) {
  if (image.channels == channels) return image;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(image.width * image.height * channels);
  for (std::size_t i = 0; i < image.bytes.size(); i += image.channels) {
    const std::uint8_t* pixel = image.bytes.data() + i;
    if (channels == 3)
      bytes.insert(bytes.end(), 3, pixel[0]);
    else
      bytes.push_back(static_cast<std::uint8_t>(
          (299u * pixel[0] + 587u * pixel[1] + 114u * pixel[2] + 500u) / 1000u));
  }
  image.bytes = std::move(bytes);
  image.channels = channels;
  return image;
}

}  // namespace

Image fitted(Image image, std::size_t height, std::size_t width, std::size_t channels) {
  if (channels != 1 && channels != 3)
    fail("a picture has 1 channel (grey) or 3 (colours); it cannot be made into ", channels);
  if (height == 0 || width == 0 || height > max_pixels / width)
    fail("a picture cannot be made into one of ", height, "x", width, " pixels; from 1 to ",
         max_pixels, " are possible");
  if (image.channels != 1 && image.channels != 3)
    fail("a picture of ", image.channels, " channels is neither grey (1) nor in colours (3)");
  image = with_channels(std::move(image), channels);
  if (image.height == height && image.width == width) return image;
  return resized(image, height, width);
}

}  // namespace rectify::data
