#pragma once

#include <optional>

#include "rectify/data/dataset.h"
#include "rectify/data/images/image.h"

namespace rectify::data {

/// The picture of a sample for people, at most `most` pixels wide and high: what is larger is
/// averaged over blocks. Channels other than one or three stand side by side in grey. Bytes are
/// shown as they are; of floats the smallest number is black and the largest white. Nothing for
/// samples that are no images.
std::optional<Image> sample_image(const Dataset& dataset, const Split& split, std::size_t sample,
                                  std::size_t most = 96);

}  // namespace rectify::data
