#pragma once

#include <cstddef>
#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// How the pictures of a folder become samples.
struct PictureOptions {
  std::size_t height = 0, width = 0;  ///< to which each picture is fitted(); 0: all have one size
  std::size_t channels = 0;           ///< 1 or 3; 0: 1 if all pictures are grey, else 3
  bool skip_bad = false;              ///< leaves out pictures that cannot be read
};

/// Reads the JPEG and PNG files of `folder`/train/CLASS and `folder`/test/CLASS in alphabetical
/// order. If there is no folder called train, it reads `folder`/CLASS. Without a size of the
/// options all pictures must have the size of the first. Samples are HxWx1 if all are grey, and
/// HxWx3 otherwise. Decoded pictures are kept in the user's cache folder, and are taken from there
/// as long as no option and no file's name, size or time changes. Throws Error, which names up to
/// 10 files, when some cannot be read or have another size.
Dataset read_image_folder(const std::string& folder, ThreadPool& threads,
                          const PictureOptions& options = {});

}  // namespace rectify::data
