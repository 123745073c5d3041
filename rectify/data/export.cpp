#include "rectify/data/export.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/formats/gzip.h"
#include "rectify/data/formats/idx.h"

namespace rectify::data {

namespace {

namespace fs = std::filesystem;

/// An IDX file of unsigned bytes.
std::string idx_of(const std::vector<std::size_t>& extents, std::span<const std::uint8_t> bytes) {
  std::string file = {0, 0, 8, static_cast<char>(extents.size())};
  for (const std::size_t extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8)
      file.push_back(static_cast<char>(extent >> shift & 255));
  file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return file;
}

void check_fits_idx(const Dataset& dataset) {
  const Split& train = dataset.train;
  if (train.bytes.empty())
    fail("IDX files hold bytes, but the samples of '", dataset.spec, "' are floats");
  if (dataset.classes() == 0 || dataset.classes() > 256)
    fail("IDX files hold labels of 0 to 255, but '", dataset.spec, "' has ", dataset.classes(),
         " classes");
  if (dataset.label_width != 1)
    fail("IDX files hold one label a sample, but '", dataset.spec, "' has ", dataset.label_width);
  const std::size_t rank = dataset.sample_shape.rank();
  if (rank != 1 && rank != 3)
    fail("IDX files hold vectors and images, but the samples of '", dataset.spec, "' are ",
         dataset.sample_shape.text());
}

/// Writes a file and removes those of other names that would be read in its place.
void write_alone(const std::string& path, const std::string& content, bool packed,
                 const std::vector<std::string>& names) {
  write_plain_or_packed(path, content, packed);
  std::error_code ignored;
  for (const std::string& name : names)
    if (name != (packed ? path + ".gz" : path)) fs::remove(name, ignored);
}

void write_split(const Dataset& dataset, const Split& split, const std::string& stem, bool packed) {
  std::vector<std::size_t> extents = {split.count};
  for (const std::int64_t extent : dataset.sample_shape.extents())
    extents.push_back(static_cast<std::size_t>(extent));
  // As in MNIST's own files, a single channel is not an extent.
  if (extents.size() == 4 && extents.back() == 1) extents.pop_back();
  const std::vector<std::uint8_t> labels(split.labels.begin(), split.labels.end());
  write_alone(concat(stem, "-images-idx", extents.size(), "-ubyte"), idx_of(extents, split.bytes),
              packed, idx_names(stem + "-images", "324"));
  write_alone(stem + "-labels-idx1-ubyte", idx_of({split.count}, labels), packed,
              idx_names(stem + "-labels", "1"));
}

void write_names(const Dataset& dataset, const std::string& path) {
  std::string names;
  // Classes that are called by numbers need no file of names, unless the last classes never occur:
  // the reader makes classes only up to the largest label.
  std::size_t seen = 0;
  for (const Split* split : {&dataset.train, &dataset.test})
    for (const std::int32_t label : split->labels)
      seen = std::max(seen, static_cast<std::size_t>(label) + 1);
  bool numbers = seen == dataset.classes();
  for (std::size_t i = 0; i < dataset.classes(); ++i) {
    numbers = numbers && dataset.class_names[i] == std::to_string(i);
    names += dataset.class_names[i] + "\n";
  }
  std::error_code ignored;
  if (numbers)
    fs::remove(path, ignored);
  else
    write_file(path, names);
}

}  // namespace

void write_as_idx(const Dataset& dataset, const std::string& folder, bool packed) {
  check_fits_idx(dataset);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder '", folder, "': ", error.message());
  write_split(dataset, dataset.train, folder + "/train", packed);
  write_split(dataset, dataset.test, folder + "/t10k", packed);
  write_names(dataset, folder + "/classes.txt");
}

}  // namespace rectify::data
