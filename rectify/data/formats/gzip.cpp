#include "rectify/data/formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "rectify/base/error.h"
#include "rectify/base/file.h"

namespace rectify::data {

namespace {

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

}  // namespace

void write_plain_or_packed(const std::string& path, const std::string& content, bool packed) {
  write_file(packed ? path + ".gz" : path, packed ? gzipped(content) : content);
  std::error_code ignored;
  std::filesystem::remove(packed ? path : path + ".gz", ignored);
}

}  // namespace rectify::data
