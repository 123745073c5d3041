#include "rectify/data/formats/matrix.h"

#include <algorithm>
#include <array>
#include <span>

#include "rectify/base/error.h"
#include "rectify/base/shape.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/large_memory.h"

namespace rectify::data {

namespace {

// The low byte gives the type; the other three bytes are the same for all types.
constexpr std::uint32_t family = 0x1E3D4C00, family_mask = 0xFFFFFF00;
constexpr std::uint8_t byte_type = 0x55, integer_type = 0x54;
constexpr std::int64_t largest_rank = 8;

const char* type_name(std::uint32_t type) {
  switch (type) {
    case 0x51:
      return "floats";
    case 0x52:
      return "a packed matrix";
    case 0x53:
      return "doubles";
    case 0x56:
      return "16-bit integers";
    default:
      return "an unknown type";
  }
}

/// Reads 32-bit numbers in the byte order of the file.
class Words {
 public:
  Words(Source& source, const std::string& name, bool high_first = false)
      : source_(source), name_(name), high_first_(high_first) {}

  std::uint32_t next() {
    std::array<std::uint8_t, 4> raw{};
    if (source_.read(raw) < raw.size())
      fail("'", name_, "' is cut off in its header; download it again");
    if (high_first_) std::reverse(raw.begin(), raw.end());
    return std::uint32_t{raw[0]} | std::uint32_t{raw[1]} << 8 | std::uint32_t{raw[2]} << 16 |
           std::uint32_t{raw[3]} << 24;
  }

  bool high_first() const { return high_first_; }
  void turn() { high_first_ = !high_first_; }

 private:
  Source& source_;
  const std::string& name_;
  bool high_first_;
};

std::uint32_t swapped(std::uint32_t v) {
  return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

std::uint32_t read_type(Words& words, const std::string& name) {
  std::uint32_t magic = words.next();
  if ((swapped(magic) & family_mask) == family) {
    words.turn();
    magic = swapped(magic);
  }
  if ((magic & family_mask) != family)
    fail("'", name, "' is not a file in NORB's matrix format: its magic number is wrong");
  const std::uint32_t type = magic & 0xff;
  if (type != byte_type && type != integer_type)
    fail("'", name, "' holds ", type_name(type),
         "; matrices of bytes and 32-bit integers are read");
  return type;
}

std::vector<std::int64_t> read_extents(Words& words, const std::string& name) {
  const std::int64_t rank = words.next();
  if (rank < 1 || rank > largest_rank)
    fail("'", name, "' has ", rank, " dimensions; a matrix here has 1 to ", largest_rank);
  std::vector<std::int64_t> extents;
  // The file has at least three extents, even for a matrix of one dimension.
  for (std::int64_t i = 0; i < std::max<std::int64_t>(rank, 3); ++i) {
    const std::int64_t extent = words.next();
    if (i < rank) extents.push_back(extent);
  }
  return extents;
}

std::int64_t checked_size(const std::vector<std::int64_t>& extents, std::int64_t width,
                          std::int64_t most, const std::string& name) {
  const std::string text = Shape(extents).text();
  std::int64_t size = width;
  for (const std::int64_t extent : extents) {
    if (extent == 0) fail("'", name, "' declares ", text, " numbers, which is none at all");
    if (extent > most / size)
      fail("'", name, "' is cut off: its header declares ", text, " numbers of ", width,
           " bytes, the file cannot hold more than ", most, " bytes; download it again");
    size *= extent;
  }
  return size;
}

}  // namespace

Matrix parse_matrix(std::string_view content, const std::string& name) {
  if (content.empty()) fail("'", name, "' is empty; download it again");
  Source source(content, name);
  Words words(source, name);
  const bool bytes = read_type(words, name) == byte_type;
  Matrix matrix;
  matrix.extents = read_extents(words, name);
  const std::int64_t most = std::min(source.most(), max_file_bytes);
  const std::int64_t size = checked_size(matrix.extents, bytes ? 1 : 4, most, name);
  std::vector<std::uint8_t> raw;
  resize_large(raw, static_cast<std::size_t>(size));
  const std::size_t got = source.read(raw);
  std::array<std::uint8_t, 1> beyond{};
  if (got < raw.size())
    fail("'", name, "' is cut off: its header declares ", size, " bytes, the file holds ", got,
         "; download it again");
  if (source.read(beyond) > 0)
    fail("'", name, "' goes on after the ", size, " bytes that its header declares");
  if (bytes) {
    matrix.bytes = std::move(raw);
    return matrix;
  }
  Source stored(std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size()), name);
  Words numbers(stored, name, words.high_first());
  for (std::size_t i = 0; i < raw.size(); i += 4)
    matrix.numbers.push_back(static_cast<std::int32_t>(numbers.next()));
  return matrix;
}

}  // namespace rectify::data
