#include "rectify/data/formats/idx.h"

#include <array>
#include <span>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/shape.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/large_memory.h"

namespace rectify::data {

namespace {

constexpr std::uint8_t ubyte_type = 0x08;
constexpr std::size_t max_rank = 4;

const char* type_name(std::uint8_t type) {
  switch (type) {
    case 0x09:
      return "signed bytes";
    case 0x0B:
      return "16-bit integers";
    case 0x0C:
      return "32-bit integers";
    case 0x0D:
      return "floats";
    case 0x0E:
      return "doubles";
    default:
      return "an unknown type";
  }
}

/// Reads the four bytes that describe the content; returns the number of extents.
std::size_t read_magic(Source& source, const std::string& path) {
  std::array<std::uint8_t, 4> magic{};
  const std::size_t got = source.read(magic);
  if (got == 0) fail("'", path, "' is empty, an IDX file is needed; download it again");
  if (got < magic.size() || magic[0] != 0 || magic[1] != 0)
    fail("'", path, "' is not an IDX file: it must begin with two zero bytes, a type and a rank");
  if (magic[2] != ubyte_type)
    fail("'", path, "' holds ", type_name(magic[2]), " (IDX type ", int{magic[2]},
         "); only unsigned bytes (type 8) are read");
  if (magic[3] < 1 || magic[3] > max_rank)
    fail("'", path, "' has ", int{magic[3]}, " dimensions; an IDX file here has 1 to ", max_rank);
  return magic[3];
}

std::vector<std::int64_t> read_extents(Source& source, const std::string& path, std::size_t rank) {
  std::array<std::uint8_t, 4 * max_rank> raw{};
  if (source.read(std::span(raw).first(4 * rank)) < 4 * rank)
    fail("'", path, "' is cut off in its header; download it again");
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < 4 * rank; i += 4)
    extents.push_back(std::int64_t{raw[i]} << 24 | raw[i + 1] << 16 | raw[i + 2] << 8 | raw[i + 3]);
  return extents;
}

std::int64_t checked_size(const std::vector<std::int64_t>& extents, const std::string& path) {
  std::int64_t size = 1;
  const std::string text = Shape(extents).text();
  for (const std::int64_t extent : extents) {
    if (extent == 0) fail("'", path, "' declares ", text, " bytes, which is none at all");
    if (extent > max_file_bytes / size)
      fail("'", path, "' declares ", text, " bytes, more than the ", max_file_bytes,
           " that are read; the header is probably damaged");
    size *= extent;
  }
  return size;
}

}  // namespace

Idx parse_idx(std::string_view content, const std::string& path) {
  Source source(content, path);
  Idx idx;
  idx.extents = read_extents(source, path, read_magic(source, path));
  const std::int64_t size = checked_size(idx.extents, path);
  const std::string declared = Shape(idx.extents).text();
  if (size > source.most())
    fail("'", path, "' is cut off: its header declares ", declared, " = ", size,
         " bytes, the file cannot hold more than ", source.most(), "; download it again");
  if (const std::size_t header = 4 + 4 * idx.extents.size(); is_gzip(content)) {
    resize_large(idx.bytes, header + static_cast<std::size_t>(size));
    if (gunzip_at_once(content, idx.bytes)) {
      idx.bytes.erase(idx.bytes.begin(), idx.bytes.begin() + static_cast<std::ptrdiff_t>(header));
      return idx;
    }
  }
  resize_large(idx.bytes, static_cast<std::size_t>(size));
  const std::size_t got = source.read(idx.bytes);
  if (got < idx.bytes.size())
    fail("'", path, "' is cut off: its header declares ", declared, " = ", size,
         " bytes, the file holds ", got, "; download it again");
  std::array<std::uint8_t, 1> beyond{};
  if (source.read(beyond) > 0)
    fail("'", path, "' goes on after the ", declared, " = ", size,
         " bytes that its header declares; it is damaged or another format");
  return idx;
}

Idx read_idx(const std::string& path) {
  return parse_idx(read_file(path, static_cast<std::size_t>(max_file_bytes) + 64), path);
}

std::vector<std::string> idx_names(const std::string& stem, std::string_view ranks) {
  std::vector<std::string> names;
  for (const char rank : ranks)
    for (const char* packed : {"", ".gz"})
      for (const char* joint : {"-", "."})
        names.push_back(stem + joint + "idx" + rank + "-ubyte" + packed);
  return names;
}

}  // namespace rectify::data
