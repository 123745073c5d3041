#pragma once

#include <string>

#include "rectify/data/dataset.h"
#include "rectify/data/sample_info.h"

namespace rectify::data {

/// Writes the data set to `folder` in NORB's binary matrix format: for each split the files
/// rectify-training-dat.mat (pictures), -cat.mat (classes) and, where `info` knows anything,
/// -info.mat; rectify-testing-... for the test split. norb:DIR reads them back to the same samples
/// and labels; the format has no names of classes. The folder is created where it is missing.
/// `packed` packs the files with gzip. Existing files of these names are replaced. Throws Error
/// when samples are not HxWxC bytes, for regression, for more than 256 classes, when the folder
/// holds another set, and when a file cannot be written.
void write_as_matrices(const Dataset& dataset, const SampleInfo& info, const std::string& folder,
                       bool packed);

}  // namespace rectify::data
