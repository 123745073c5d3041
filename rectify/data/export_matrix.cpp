#include "rectify/data/export_matrix.h"

#include <bit>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/formats/gzip.h"

namespace rectify::data {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t floats = 0x1E3D4C51, integers = 0x1E3D4C54, bytes = 0x1E3D4C55;

void append_word(std::string& file, std::uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8)
    file.push_back(static_cast<char>(word >> shift & 255));
}

/// The beginning of a file; it has at least three extents, even for a matrix of one dimension.
std::string header(std::uint32_t type, const std::vector<std::size_t>& extents) {
  std::string file;
  append_word(file, type);
  append_word(file, static_cast<std::uint32_t>(extents.size()));
  for (const std::size_t extent : extents) append_word(file, static_cast<std::uint32_t>(extent));
  for (std::size_t i = extents.size(); i < 3; ++i) append_word(file, 1);
  return file;
}

/// The channels of a sample become pictures of their own: HxWxC becomes CxHxW.
std::string pictures_of(const Shape& shape, const Split& split) {
  const auto height = static_cast<std::size_t>(shape[0]),
             width = static_cast<std::size_t>(shape[1]);
  const auto channels = static_cast<std::size_t>(shape[2]), pixels = height * width;
  std::string file = header(bytes, {split.count, channels, height, width});
  file.reserve(file.size() + split.bytes.size());
  for (std::size_t i = 0; i < split.count; ++i)
    for (std::size_t channel = 0; channel < channels; ++channel)
      for (std::size_t pixel = 0; pixel < pixels; ++pixel)
        file.push_back(static_cast<char>(split.bytes[(i * pixels + pixel) * channels + channel]));
  return file;
}

std::string classes_of(const Split& split) {
  std::string file = header(integers, {split.count});
  for (const std::int32_t label : split.labels)
    append_word(file, static_cast<std::uint32_t>(label));
  return file;
}

std::string info_of(const SampleInfo& info, const std::vector<float>& numbers) {
  const std::size_t width = info.names.size();
  std::string file = header(info.whole ? integers : floats, {numbers.size() / width, width});
  for (const float number : numbers)
    append_word(file, info.whole ? static_cast<std::uint32_t>(static_cast<std::int32_t>(number))
                                 : std::bit_cast<std::uint32_t>(number));
  return file;
}

void check_for_matrices(const Dataset& dataset) {
  if (dataset.train.bytes.empty() || dataset.sample_shape.rank() != 3)
    fail("NORB's files hold pictures of bytes, HxWxC, but the samples of '", dataset.spec, "' are ",
         dataset.sample_shape.text(), dataset.train.bytes.empty() ? " floats" : " bytes");
  if (dataset.classes() == 0 || dataset.classes() > 256 || dataset.label_width != 1)
    fail("NORB's files hold one class a sample, of at most 256; '", dataset.spec, "' has ",
         dataset.classes(), " classes and ", dataset.label_width, " labels a sample");
}

/// norb:DIR joins all files of pictures that it finds, so another set must not lie beside ours.
void check_alone(const std::string& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find("-dat.mat") != name.npos && !name.starts_with("rectify-"))
      fail("'", folder, "' holds '", name, "' of another set, which norb:", folder,
           " would read too; take another folder");
  }
}

}  // namespace

void write_as_matrices(const Dataset& dataset, const SampleInfo& info, const std::string& folder,
                       bool packed) {
  check_for_matrices(dataset);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder '", folder, "': ", error.message());
  check_alone(folder);
  for (const bool train : {true, false}) {
    const Split& split = train ? dataset.train : dataset.test;
    const std::string stem = folder + (train ? "/rectify-training" : "/rectify-testing");
    write_plain_or_packed(stem + "-dat.mat", pictures_of(dataset.sample_shape, split), packed);
    write_plain_or_packed(stem + "-cat.mat", classes_of(split), packed);
    if (!info.names.empty())
      write_plain_or_packed(stem + "-info.mat", info_of(info, train ? info.train : info.test),
                            packed);
    else
      for (const char* end : {"-info.mat", "-info.mat.gz"}) fs::remove(stem + end, error);
  }
}

}  // namespace rectify::data
