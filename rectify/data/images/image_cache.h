#pragma once

#include <cstdint>
#include <string>

#include "rectify/data/dataset.h"
#include "rectify/data/images/image_listing.h"

namespace rectify::data {

/// Decoded pictures on the disk, so that a folder is decoded once: rectify/images-*.cache in
/// $XDG_CACHE_HOME or ~/.cache, one file a folder. It helps or it does not; it never fails.
class ImageCache {
 public:
  ImageCache(const std::string& folder, const ImageListing& listing);

  /// Fills in the shape and the bytes of both splits, and says whether it could: whether a file is
  /// there, is whole, and was made of these files as they are now.
  bool load(Dataset& dataset) const;

  /// Keeps shape and bytes. Where nothing can be written, nothing happens.
  void store(const Dataset& dataset) const;

 private:
  std::string path_;  ///< empty: there is no place for it
  std::uint64_t key_ = 0;
  std::size_t train_ = 0, test_ = 0;  ///< samples
};

}  // namespace rectify::data
