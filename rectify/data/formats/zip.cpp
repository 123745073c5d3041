#include "rectify/data/formats/zip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/data/formats/source.h"

namespace rectify::data {

namespace {

constexpr std::uint64_t end_size = 22, end64_size = 56, locator_size = 20;
constexpr std::uint64_t central_size = 46, local_size = 30;
constexpr std::uint32_t in_zip64 = 0xffffffff;  // "look in the 64-bit field"

[[noreturn]] void damaged(const std::string& name, const char* what) {
  fail("'", name, "' is a damaged zip archive (", what, "); save or download it again");
}

/// The `count` bytes at `at` as a number, lowest byte first. The caller has checked that they
/// exist.
std::uint64_t number(std::string_view content, std::uint64_t at, int count) {
  std::uint64_t value = 0;
  for (int i = count; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(
                             content[static_cast<std::size_t>(at) + static_cast<std::size_t>(i)]);
  return value;
}

bool has(std::string_view content, std::uint64_t at, std::uint64_t count) {
  return at <= content.size() && count <= content.size() - at;
}

/// The position of the directory, and the number of files in it.
struct Directory {
  std::uint64_t at = 0;
  std::uint64_t count = 0;
};

Directory find_directory(std::string_view content, const std::string& name) {
  if (!content.starts_with("PK")) fail("'", name, "' is not a zip archive, which an .npz file is");
  // The end record is the last part of the file; only a comment of at most 65,535 bytes may follow.
  const std::size_t end = content.rfind("PK\5\6");
  if (end == std::string_view::npos || !has(content, end, end_size))
    damaged(name, "its directory is missing, so it is probably cut off");
  Directory directory{number(content, end + 16, 4), number(content, end + 10, 2)};
  const bool wants_zip64 = directory.at == in_zip64 || directory.count == 0xffff;
  if (wants_zip64 && end >= locator_size && content.substr(end - locator_size, 4) == "PK\6\7") {
    const std::uint64_t end64 = number(content, end - locator_size + 8, 8);
    if (!has(content, end64, end64_size) ||
        content.substr(static_cast<std::size_t>(end64), 4) != "PK\6\6")
      damaged(name, "its 64-bit directory is not where it should be");
    directory = {number(content, end64 + 48, 8), number(content, end64 + 32, 8)};
  }
  if (!has(content, directory.at, 0) ||
      directory.count > (content.size() - directory.at) / central_size)
    damaged(name, "its directory does not fit in the file");
  return directory;
}

/// Sizes and positions beyond 32 bits are in an extra field, in this order; only those that are
/// needed.
void read_zip64(std::string_view extra, ZipEntry& entry, const std::string& name) {
  while (extra.size() >= 4) {
    const std::uint64_t id = number(extra, 0, 2), size = number(extra, 2, 2);
    if (!has(extra, 4, size)) damaged(name, "an extra field is cut off");
    if (id == 1) {
      std::uint64_t at = 4;
      for (std::uint64_t* field : {&entry.unpacked, &entry.packed, &entry.header}) {
        if (*field != in_zip64) continue;
        if (at + 8 > 4 + size) damaged(name, "a 64-bit size is missing");
        *field = number(extra, at, 8);
        at += 8;
      }
      return;
    }
    extra.remove_prefix(static_cast<std::size_t>(4 + size));
  }
}

}  // namespace

std::vector<ZipEntry> zip_entries(std::string_view content, const std::string& name) {
  if (content.empty()) fail("'", name, "' is empty; save or download it again");
  const Directory directory = find_directory(content, name);
  std::vector<ZipEntry> entries;
  std::uint64_t at = directory.at;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    if (!has(content, at, central_size) ||
        content.substr(static_cast<std::size_t>(at), 4) != "PK\1\2")
      damaged(name, "an entry of its directory is missing");
    ZipEntry entry;
    entry.flags = static_cast<std::uint16_t>(number(content, at + 8, 2));
    entry.method = static_cast<std::uint16_t>(number(content, at + 10, 2));
    entry.crc = static_cast<std::uint32_t>(number(content, at + 16, 4));
    entry.packed = number(content, at + 20, 4);
    entry.unpacked = number(content, at + 24, 4);
    const std::uint64_t name_size = number(content, at + 28, 2);
    const std::uint64_t extra_size = number(content, at + 30, 2);
    const std::uint64_t comment_size = number(content, at + 32, 2);
    entry.header = number(content, at + 42, 4);
    at += central_size;
    if (!has(content, at, name_size + extra_size + comment_size))
      damaged(name, "an entry of its directory is cut off");
    entry.name = content.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(name_size));
    read_zip64(content.substr(static_cast<std::size_t>(at + name_size),
                              static_cast<std::size_t>(extra_size)),
               entry, name);
    at += name_size + extra_size + comment_size;
    entries.push_back(std::move(entry));
  }
  return entries;
}

namespace {

std::string inflate_raw(std::string_view packed, std::uint64_t size, const std::string& what) {
  if (size / static_cast<std::uint64_t>(max_deflate_ratio) > packed.size())
    damaged(what, "its directory declares more than can be inside");
  std::string out(static_cast<std::size_t>(size), '\0');
  z_stream z{};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) fail("cannot unpack '", what, "': not enough memory");
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  std::size_t given = 0, room = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (z.avail_in == 0 && given < packed.size()) {
      z.avail_in = static_cast<uInt>(std::min(most, packed.size() - given));
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + given));
      given += z.avail_in;
    }
    if (z.avail_out == 0) {
      z.avail_out = static_cast<uInt>(std::min(most, out.size() - room));
      z.next_out = reinterpret_cast<Bytef*>(out.data() + room);
      room += z.avail_out;
    }
    status = inflate(&z, Z_NO_FLUSH);
  }
  const bool whole = status == Z_STREAM_END && room == out.size() && z.avail_out == 0;
  inflateEnd(&z);
  if (!whole) damaged(what, "its packed data does not give what its directory declares");
  return out;
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::string unzip(std::string_view content, const ZipEntry& entry, const std::string& name) {
  const std::string what = name + ":" + entry.name;
  if (entry.flags & 1) fail("'", what, "' is encrypted; save it without a password");
  if (!has(content, entry.header, local_size) ||
      content.substr(static_cast<std::size_t>(entry.header), 4) != "PK\3\4")
    damaged(what, "it is not where its directory says");
  const std::uint64_t begin = entry.header + local_size + number(content, entry.header + 26, 2) +
                              number(content, entry.header + 28, 2);
  if (!has(content, begin, entry.packed)) damaged(what, "it is cut off");
  const std::string_view packed =
      content.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(entry.packed));
  std::string out;
  if (entry.method == 0) {
    if (entry.packed != entry.unpacked) damaged(what, "its two sizes differ");
    out = packed;
  } else if (entry.method == 8) {
    out = inflate_raw(packed, entry.unpacked, what);
  } else {
    fail("'", what, "' is packed by method ", entry.method, "; stored and deflated files are read");
  }
  if (checksum(out) != entry.crc) damaged(what, "its checksum is wrong");
  return out;
}

}  // namespace rectify::data
