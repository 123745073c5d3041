#pragma once

#include <string>

#include "rectify/data/images/image.h"

namespace rectify::data {

/// The bytes of a PNG file with this picture, which has 1 or 3 channels. Throws Error when libpng
/// cannot write it.
std::string encode_png(const Image& picture);

}  // namespace rectify::data
