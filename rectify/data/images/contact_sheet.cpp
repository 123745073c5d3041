#include "rectify/data/images/contact_sheet.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/images/encode_png.h"

namespace rectify::data {

namespace {

constexpr std::size_t gap = 2;
constexpr std::uint8_t paper = 96;
constexpr std::size_t widest_sheet = 65535;

/// Puts the two channels of every sample side by side: HxWx2 becomes Hx2Wx1.
Dataset side_by_side(const Dataset& pairs) {
  Dataset flat;
  const auto width = static_cast<std::size_t>(pairs.sample_shape[1]);
  flat.sample_shape = Shape{pairs.sample_shape[0], 2 * pairs.sample_shape[1], 1};
  flat.class_names = pairs.class_names;
  flat.train.count = pairs.train.count;
  flat.train.labels = pairs.train.labels;
  flat.train.bytes.resize(pairs.train.bytes.size());
  for (std::size_t i = 0; i < pairs.train.bytes.size(); ++i) {
    const std::size_t line = i / (2 * width), x = i / 2 % width, channel = i % 2;
    flat.train.bytes[line * 2 * width + channel * width + x] = pairs.train.bytes[i];
  }
  return flat;
}

Image lay_out(const Dataset& dataset, std::size_t per_class) {
  const auto h = static_cast<std::size_t>(dataset.sample_shape[0]);
  const auto w = static_cast<std::size_t>(dataset.sample_shape[1]);
  const auto c = static_cast<std::size_t>(dataset.sample_shape[2]);
  Image sheet;
  sheet.width = per_class * (w + gap) + gap;
  sheet.height = dataset.classes() * (h + gap) + gap;
  sheet.channels = c;
  if (sheet.width > widest_sheet || sheet.height > widest_sheet)
    fail("a contact sheet of ", sheet.width, "x", sheet.height, " pixels is too large (at most ",
         widest_sheet, " each way); show fewer samples a class");
  sheet.bytes.assign(sheet.width * sheet.height * c, paper);
  std::vector<std::size_t> shown(dataset.classes(), 0);
  for (std::size_t i = 0; i < dataset.train.count; ++i) {
    const auto label = static_cast<std::size_t>(dataset.train.labels[i]);
    if (shown[label] == per_class) continue;
    const std::size_t left = gap + shown[label]++ * (w + gap), top = gap + label * (h + gap);
    for (std::size_t y = 0; y < h; ++y)
      std::copy_n(dataset.train.bytes.data() + (i * h + y) * w * c, w * c,
                  sheet.bytes.data() + ((top + y) * sheet.width + left) * c);
  }
  return sheet;
}

}  // namespace

std::string contact_sheet_png(const Dataset& dataset, int per_class) {
  const Shape& shape = dataset.sample_shape;
  if (dataset.train.bytes.empty() || shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3))
    fail("a contact sheet shows images of bytes, HxWx1 or HxWx3; '", dataset.spec,
         "' has samples of ", shape.text(), dataset.train.bytes.empty() ? " floats" : " bytes");
  if (dataset.train.labels.empty() || dataset.class_names.empty())
    fail("a contact sheet has one row a class; '", dataset.spec, "' has no classes");
  if (per_class < 1) fail("a contact sheet needs at least 1 sample a class, not ", per_class);
  return encode_png(lay_out(dataset, static_cast<std::size_t>(per_class)));
}

std::string pair_sheet_png(const Dataset& dataset, int per_class) {
  const Shape& shape = dataset.sample_shape;
  if (dataset.train.bytes.empty() || shape.rank() != 3 || shape[2] != 2)
    return contact_sheet_png(dataset, per_class);
  return contact_sheet_png(side_by_side(dataset), per_class);
}

}  // namespace rectify::data
