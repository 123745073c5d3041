#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"

namespace rectify::data {

/// A picture file in the folder of its class.
struct ImageFile {
  std::string path;
  std::int32_t label = 0;
  std::int64_t size = 0;  ///< in bytes
  std::int64_t time = 0;  ///< time of the last change, in nanoseconds
};

/// The picture files of a folder, class after class, in alphabetical order.
struct ImageListing {
  std::vector<std::string> class_names;
  std::vector<ImageFile> train;
  std::vector<ImageFile> test;  ///< empty when there is no folder called test
};

/// Whether a file's name ends in .jpg, .jpeg or .png and does not begin with a dot.
bool is_picture_name(const std::string& name);

/// Lists the files that end in .jpg, .jpeg or .png. Throws Error when there are no classes, when a
/// class has no pictures, or when a class occurs in test only.
ImageListing list_images(const std::string& folder, ThreadPool& threads);

}  // namespace rectify::data
