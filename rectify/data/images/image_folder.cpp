#include "rectify/data/images/image_folder.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/images/image.h"
#include "rectify/data/images/image_cache.h"
#include "rectify/data/images/image_listing.h"
#include "rectify/data/large_memory.h"

namespace rectify::data {

namespace {

constexpr std::size_t files_per_tile = 64;
// Memory grows while pictures are decoded, so that files that are not pictures cannot claim it.
constexpr std::size_t files_per_round = 8192;
constexpr std::size_t max_image_file = std::size_t{1} << 30;

Image read_image(const ImageFile& file) {
  return decode_image(read_file(file.path, max_image_file), file.path);
}

/// The picture whose size all others must have.
struct Standard {
  std::string path;
  std::size_t width = 0, height = 0, channels = 0;
  std::size_t bytes() const { return width * height * channels; }
};

void check_size(const Image& image, const std::string& path, const Standard& standard) {
  if (image.width != standard.width || image.height != standard.height)
    fail("'", path, "' is ", image.width, "x", image.height, " pixels but '", standard.path,
         "' is ", standard.width, "x", standard.height, "; all pictures must have one size");
}

/// Copies the picture. A grey picture gets three equal channels where colour is wanted.
void place(const Image& image, const Standard& standard, std::uint8_t* out) {
  if (image.channels == standard.channels) {
    std::copy(image.bytes.begin(), image.bytes.end(), out);
    return;
  }
  for (const std::uint8_t grey : image.bytes) out = std::fill_n(out, 3, grey);
}

/// Decodes `files` into `split`. Returns false, with an unfinished split, when a picture has colour
/// where grey was expected.
bool decode(const std::vector<ImageFile>& files, const Standard& standard, Split& split,
            ThreadPool& threads) {
  std::atomic<bool> fits = true;
  const std::size_t size = standard.bytes();
  reserve_large(split.bytes, files.size() * size);
  for (std::size_t first = 0; first < files.size() && fits; first += files_per_round) {
    const std::size_t last = std::min(files.size(), first + files_per_round);
    split.bytes.resize(last * size);
    threads.run((last - first + files_per_tile - 1) / files_per_tile, [&](std::size_t tile) {
      const std::size_t begin = first + tile * files_per_tile;
      for (std::size_t i = begin; i < std::min(last, begin + files_per_tile) && fits; ++i) {
        const Image image = read_image(files[i]);
        check_size(image, files[i].path, standard);
        if (image.channels > standard.channels)
          fits = false;
        else
          place(image, standard, split.bytes.data() + i * size);
      }
    });
  }
  return fits;
}

void decode_all(const ImageListing& listing, Dataset& dataset, ThreadPool& threads) {
  const Image first = read_image(listing.train[0]);
  Standard standard{listing.train[0].path, first.width, first.height, first.channels};
  if (!decode(listing.train, standard, dataset.train, threads) ||
      !decode(listing.test, standard, dataset.test, threads)) {
    standard.channels = 3;
    decode(listing.train, standard, dataset.train, threads);
    decode(listing.test, standard, dataset.test, threads);
  }
  dataset.sample_shape =
      Shape{static_cast<std::int64_t>(standard.height), static_cast<std::int64_t>(standard.width),
            static_cast<std::int64_t>(standard.channels)};
}

void set_labels(const std::vector<ImageFile>& files, Split& split) {
  split.count = files.size();
  for (const ImageFile& file : files) split.labels.push_back(file.label);
}

}  // namespace

Dataset read_image_folder(const std::string& folder, ThreadPool& threads) {
  const ImageListing listing = list_images(folder, threads);
  const ImageCache cache(folder, listing);
  Dataset dataset;
  if (!cache.load(dataset)) {
    decode_all(listing, dataset, threads);
    cache.store(dataset);
  }
  dataset.class_names = listing.class_names;
  set_labels(listing.train, dataset.train);
  set_labels(listing.test, dataset.test);
  return dataset;
}

}  // namespace rectify::data
