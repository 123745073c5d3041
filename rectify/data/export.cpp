#include "rectify/data/export.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"

namespace rectify::data {

namespace {

namespace fs = std::filesystem;

/// The bytes as one gzip member without time and name, so that equal data gives equal files.
std::string gzipped(const std::string& content) {
  constexpr int gzip_only = 16 + MAX_WBITS, memory_level = 8;
  z_stream z{};
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_only, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    fail("cannot pack data: not enough memory");
  std::string out;
  std::array<char, 65536> piece;
  std::string_view rest = content;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t given = std::min<std::size_t>(rest.size(), std::size_t{1} << 30);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
    z.avail_in = static_cast<uInt>(given);
    z.next_out = reinterpret_cast<Bytef*>(piece.data());
    z.avail_out = piece.size();
    status = deflate(&z, given == rest.size() ? Z_FINISH : Z_NO_FLUSH);
    rest.remove_prefix(given - z.avail_in);
    out.append(piece.data(), piece.size() - z.avail_out);
  }
  deflateEnd(&z);
  return out;
}

/// An IDX file of unsigned bytes.
std::string idx_of(const std::vector<std::size_t>& extents, std::span<const std::uint8_t> bytes) {
  std::string file = {0, 0, 8, static_cast<char>(extents.size())};
  for (const std::size_t extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8)
      file.push_back(static_cast<char>(extent >> shift & 255));
  file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return file;
}

void check(const Dataset& dataset) {
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

void write_split(const Dataset& dataset, const Split& split, const std::string& stem, bool packed) {
  std::vector<std::size_t> extents = {split.count};
  for (const std::int64_t extent : dataset.sample_shape.extents())
    extents.push_back(static_cast<std::size_t>(extent));
  // As in MNIST's own files, a single channel is not an extent.
  if (extents.size() == 4 && extents.back() == 1) extents.pop_back();
  const std::vector<std::uint8_t> labels(split.labels.begin(), split.labels.end());
  const auto put = [&](const char* what, const std::string& file) {
    const std::string path = stem + what;
    write_file(packed ? path + ".gz" : path, packed ? gzipped(file) : file);
    // Readers prefer a plain file to a packed one, so the other file of an earlier call must be
    // removed.
    std::error_code ignored;
    fs::remove(packed ? path : path + ".gz", ignored);
  };
  put(concat("-images-idx", extents.size(), "-ubyte").c_str(), idx_of(extents, split.bytes));
  put("-labels-idx1-ubyte", idx_of({split.count}, labels));
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
  check(dataset);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder '", folder, "': ", error.message());
  write_split(dataset, dataset.train, folder + "/train", packed);
  write_split(dataset, dataset.test, folder + "/t10k", packed);
  write_names(dataset, folder + "/classes.txt");
}

}  // namespace rectify::data
