#pragma once

#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// Reads the JPEG and PNG files of `folder`/train/CLASS and `folder`/test/CLASS, or where there is
/// no folder called train of `folder`/CLASS, in alphabetical order. All must have the size of the
/// first; they are HxWx1 if all are grey and HxWx3 otherwise. What was decoded is kept in the
/// person's cache folder, and taken from there while no file's name, size or time has changed.
/// Throws Error, naming the file, when one cannot be read or is of another size.
Dataset read_image_folder(const std::string& folder, ThreadPool& threads);

}  // namespace rectify::data
