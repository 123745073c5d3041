#pragma once

#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// A picture of the data: the bytes of a PNG with one row a class and the first `per_class` samples
/// of that class in the training split in it. Throws Error when the samples are not images of bytes
/// (HxWx1 grey or HxWx3 colour), there are no classes, `per_class` is less than 1, or the picture
/// would be wider or higher than 65,535 pixels.
std::string contact_sheet_png(const Dataset& dataset, int per_class);

}  // namespace rectify::data
