#include "cli/fetch/tar.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/formats/source.h"

namespace rectify::cli {

namespace {

constexpr std::size_t tar_block = 512;

using Block = std::array<std::uint8_t, tar_block>;

/// The text of a header's field, up to its first 0.
std::string_view field(const Block& header, std::size_t at, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(header.data()) + at, size);
  return text.substr(0, text.find('\0'));
}

/// A number in octal digits, perhaps with blanks around; -1 when it is none.
std::int64_t octal(std::string_view text) {
  std::int64_t value = 0;
  bool any = false;
  for (const char c : text) {
    if (c == ' ' && !any) continue;
    if (c == ' ') break;
    if (c < '0' || c > '7') return -1;
    value = value * 8 + (c - '0');
    any = true;
  }
  return any ? value : -1;
}

/// Whether the header's sum is that of its bytes, its own eight taken as blanks.
bool is_whole(const Block& header) {
  constexpr std::size_t at = 148, size = 8;
  std::int64_t sum = std::accumulate(header.begin(), header.end(), std::int64_t{0});
  for (std::size_t i = at; i < at + size; ++i) sum += ' ' - header[i];
  return octal(field(header, at, size)) == sum;
}

}  // namespace

void unpack_members(const std::filesystem::path& archive, const std::vector<std::string>& members,
                    const std::filesystem::path& folder) {
  const std::string name = archive.string(), packed = read_file(archive);
  data::Source source(packed, name);
  std::vector<std::string> missing = members;
  Block header;
  while (!missing.empty() && source.read(header) == tar_block && header[0] != 0) {
    const std::int64_t size = octal(field(header, 124, 12));
    if (!is_whole(header) || size < 0 || size > source.most())
      fail("'", name, "' is not a tar archive, or damaged; download it again");
    const std::filesystem::path path(field(header, 0, 100));
    const bool regular = header[156] == '0' || header[156] == 0;
    const auto found = std::ranges::find(missing, path.filename().string());
    const bool wanted = regular && found != missing.end();
    std::string content;
    std::array<std::uint8_t, 64 * tar_block> piece;
    for (std::int64_t left = (size + 511) / 512 * 512; left > 0;) {
      const auto asked = static_cast<std::size_t>(
          std::min<std::int64_t>(left, static_cast<std::int64_t>(piece.size())));
      if (source.read({piece.data(), asked}) < asked)
        fail("'", name, "' ends in the middle of '", path.string(), "'; download it again");
      if (wanted) content.append(reinterpret_cast<const char*>(piece.data()), asked);
      left -= static_cast<std::int64_t>(asked);
    }
    if (!wanted) continue;
    content.resize(static_cast<std::size_t>(size));
    write_file(folder / *found, content);
    missing.erase(found);
  }
  if (!missing.empty()) fail("'", name, "' holds no '", missing[0], "'; download it again");
}

}  // namespace rectify::cli
