#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rectify/data/dataset.h"
#include "rectify/data/images/image_folder.h"
#include "rectify/data/images/image_listing.h"

namespace rectify::data {

/// A cache of decoded pictures on the disk, so that a folder is decoded only once. There is one
/// file for each folder and size: rectify/images-*.cache in $XDG_CACHE_HOME or ~/.cache. Errors of
/// the cache are ignored.
class ImageCache {
 public:
  ImageCache(const std::string& folder, const ImageListing& listing,
             const PictureOptions& options = {});

  /// Fills in the shape and the bytes of both splits, and the number of pictures that had
  /// transparent parts. Returns false when there is no whole cache file that was made from these
  /// pictures as they are now.
  bool load(Dataset& dataset, std::size_t& transparent) const;

  /// Stores the same. Does nothing when the file cannot be written.
  void store(const Dataset& dataset, std::size_t transparent) const;

 private:
  std::string path_;  ///< empty if there is no folder for caches
  std::uint64_t key_ = 0;
  std::size_t train_ = 0, test_ = 0;  ///< numbers of samples
};

}  // namespace rectify::data
