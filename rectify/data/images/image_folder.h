#pragma once

#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// Reads the JPEG and PNG files of `folder`/train/CLASS and `folder`/test/CLASS in alphabetical
/// order. If there is no folder called train, it reads `folder`/CLASS. All pictures must have the
/// size of the first; samples are HxWx1 if all are grey, and HxWx3 otherwise. Decoded pictures are
/// kept in the user's cache folder, and are taken from there as long as no file's name, size or
/// time changes. Throws Error, which names the file, when one cannot be read or has another size.
Dataset read_image_folder(const std::string& folder, ThreadPool& threads);

}  // namespace rectify::data
