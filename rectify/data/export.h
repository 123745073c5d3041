#pragma once

#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// Writes the data set into `folder`, which is made where it is missing, as the IDX files that
/// mnist:DIR reads back to the same samples, labels and classes; packed with gzip when `packed`.
/// Classes that are not called 0, 1, ... are named in classes.txt. Files of that name are replaced.
/// Throws Error for samples that are not vectors or images of bytes, for regression, for more than
/// 256 classes, and when a file cannot be written.
void write_as_idx(const Dataset& dataset, const std::string& folder, bool packed);

}  // namespace rectify::data
