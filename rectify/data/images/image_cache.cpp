#include "rectify/data/images/image_cache.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "rectify/base/error.h"
#include "rectify/data/hash.h"
#include "rectify/data/images/image.h"
#include "rectify/data/large_memory.h"

namespace rectify::data {

namespace {

namespace fs = std::filesystem;

/// The start of a cache file; the bytes of both splits follow. Only the machine that wrote a file
/// reads it.
struct Head {
  std::array<char, 16> magic{'r', 'e', 'c', 't', 'i', 'f', 'y', ' ',
                             'i', 'm', 'a', 'g', 'e', 's', ' ', '2'};
  std::uint64_t key = 0;       ///< hash of the listing
  std::uint64_t checksum = 0;  ///< hash of the bytes
  std::array<std::int64_t, 2> extents{};
  std::uint32_t channels = 0;
  std::uint32_t transparent = 0;  ///< pictures that had transparent parts
};

std::string cache_folder() {
  // The XDG standard says that a variable which is not an absolute path is to be ignored.
  for (const auto& [variable, below] :
       {std::array{"XDG_CACHE_HOME", ""}, std::array{"HOME", "/.cache"}})
    if (const char* value = std::getenv(variable); value && value[0] == '/')
      return std::string(value) + below + "/rectify";
  return {};
}

std::uint64_t key_of(const ImageListing& listing) {
  Hash hash;
  for (const auto* files : {&listing.train, &listing.test}) {
    hash.word(files->size());
    for (const ImageFile& file : *files) {
      hash.bytes(file.path.data(), file.path.size());
      hash.word(static_cast<std::uint64_t>(file.size));
      hash.word(static_cast<std::uint64_t>(file.time));
    }
  }
  return hash.state();
}

std::uint64_t checksum(const Head& head, const Dataset& dataset) {
  Hash hash;
  for (const std::int64_t extent : head.extents) hash.word(static_cast<std::uint64_t>(extent));
  hash.word(head.channels);
  hash.word(head.transparent);
  hash.values(dataset.train.bytes);
  hash.values(dataset.test.bytes);
  return hash.state();
}

bool read(std::ifstream& file, std::vector<std::uint8_t>& bytes, std::size_t size) {
  resize_large(bytes, size);
  return size == 0 || static_cast<bool>(file.read(reinterpret_cast<char*>(bytes.data()),
                                                  static_cast<std::streamsize>(size)));
}

}  // namespace

ImageCache::ImageCache(const std::string& folder, const ImageListing& listing,
                       const PictureOptions& options)
    : key_(key_of(listing)), train_(listing.train.size()), test_(listing.test.size()) {
  const std::string parent = cache_folder();
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (parent.empty() || error) return;
  Hash hash;
  hash.bytes(real.string().data(), real.string().size());
  if (options.width + options.channels > 0)
    for (const std::size_t number : {options.height, options.width, options.channels})
      hash.word(number);
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(hash.state()));
  path_ = parent + "/images-" + digits.data() + ".cache";
}

bool ImageCache::load(Dataset& dataset, std::size_t& transparent) const {
  if (path_.empty()) return false;
  std::error_code error;
  if (!fs::is_regular_file(path_, error)) return false;
  const auto file_size = static_cast<std::size_t>(fs::file_size(path_, error));
  std::ifstream file(path_, std::ios::binary);
  Head head;
  const Head expected;
  if (error || !file.read(reinterpret_cast<char*>(&head), sizeof head)) return false;
  if (head.magic != expected.magic || head.key != key_) return false;
  const auto [h, w] = head.extents;
  const auto c = static_cast<std::int64_t>(head.channels);
  const auto limit = static_cast<std::int64_t>(max_pixels);
  if (h < 1 || w < 1 || h > limit || w > limit / h || (c != 1 && c != 3)) return false;
  const auto size = static_cast<std::size_t>(h * w * c);
  // No memory is allocated that the size of the file does not justify.
  if ((file_size - sizeof head) / size != train_ + test_ || (file_size - sizeof head) % size != 0)
    return false;
  Dataset cached;
  if (!read(file, cached.train.bytes, train_ * size) ||
      !read(file, cached.test.bytes, test_ * size) || checksum(head, cached) != head.checksum)
    return false;
  dataset.sample_shape = Shape{h, w, c};
  transparent = head.transparent;
  dataset.train.bytes = std::move(cached.train.bytes);
  dataset.test.bytes = std::move(cached.test.bytes);
  return true;
}

void ImageCache::store(const Dataset& dataset, std::size_t transparent) const {
  if (path_.empty()) return;
  std::error_code error;
  fs::create_directories(fs::path(path_).parent_path(), error);
  // The file is written under another name and then renamed, so that another process sees a whole
  // file or none.
  const std::string beside = concat(path_, ".", ::getpid(), ".partial");
  Head head;
  head.key = key_;
  head.extents = {dataset.sample_shape[0], dataset.sample_shape[1]};
  head.channels = static_cast<std::uint32_t>(dataset.sample_shape[2]);
  head.transparent = static_cast<std::uint32_t>(transparent);
  head.checksum = checksum(head, dataset);
  std::ofstream file(beside, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&head), sizeof head);
  for (const Split* split : {&dataset.train, &dataset.test})
    file.write(reinterpret_cast<const char*>(split->bytes.data()),
               static_cast<std::streamsize>(split->bytes.size()));
  file.close();
  if (file)
    fs::rename(beside, path_, error);
  else
    error = std::make_error_code(std::errc::io_error);
  if (error) fs::remove(beside, error);
}

}  // namespace rectify::data
