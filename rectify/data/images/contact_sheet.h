#pragma once

#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// A picture of the data, as the bytes of a PNG file. It has one row for each class, with the first
/// `per_class` training samples of that class. Throws Error when the samples are not images of
/// bytes (HxWx1 grey or HxWx3 colour), when there are no classes, when `per_class` is less than 1,
/// or when the picture would be wider or higher than 65,535 pixels.
std::string contact_sheet_png(const Dataset& dataset, int per_class);

/// The same, for pairs of grey pictures too (HxWx2, as NORB's): the two pictures of a sample stand
/// side by side.
std::string pair_sheet_png(const Dataset& dataset, int per_class);

}  // namespace rectify::data
