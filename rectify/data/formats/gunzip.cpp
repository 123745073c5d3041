#include "rectify/data/formats/gunzip.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "rectify/base/error.h"

namespace rectify::data {

namespace {

constexpr int gzip_only = 16 + MAX_WBITS;

uInt clamp_to_uint(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

}  // namespace

bool is_gzip(std::string_view content) { return content.starts_with("\x1f\x8b"); }

bool gunzip_at_once(std::string_view content, std::span<std::uint8_t> out) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> unpacker(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!unpacker) return false;
  std::size_t taken = 0, given = 0;
  const libdeflate_result result = libdeflate_gzip_decompress_ex(
      unpacker.get(), content.data(), content.size(), out.data(), out.size(), &taken, &given);
  return result == LIBDEFLATE_SUCCESS && taken == content.size() && given == out.size();
}

struct Gunzip::Stream {
  z_stream z{};
  std::string_view ahead;  ///< what zlib has not been given yet
  bool finished = false;
};

Gunzip::Gunzip(std::string_view content, std::string path)
    : path_(std::move(path)), stream_(std::make_unique<Stream>()) {
  stream_->ahead = content;
  if (inflateInit2(&stream_->z, gzip_only) != Z_OK)
    fail("cannot unpack '", path_, "': not enough memory");
}

Gunzip::~Gunzip() { inflateEnd(&stream_->z); }

void Gunzip::next_member() {
  z_stream& z = stream_->z;
  const std::string_view rest(reinterpret_cast<const char*>(z.next_in),
                              z.avail_in + stream_->ahead.size());
  if (rest.empty()) {
    stream_->finished = true;
    return;
  }
  if (!is_gzip(rest))
    fail("'", path_, "' has ", rest.size(),
         " bytes after the end of its gzip data; download it again");
  inflateReset(&z);
}

std::size_t Gunzip::read(std::span<std::uint8_t> out) {
  z_stream& z = stream_->z;
  std::size_t done = 0;
  while (!stream_->finished && done < out.size()) {
    if (z.avail_in == 0 && !stream_->ahead.empty()) {
      const uInt given = clamp_to_uint(stream_->ahead.size());
      // zlib does not write to its input; the type says so only when ZLIB_CONST is defined.
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream_->ahead.data()));
      z.avail_in = given;
      stream_->ahead.remove_prefix(given);
    }
    const uInt room = clamp_to_uint(out.size() - done);
    z.next_out = out.data() + done;
    z.avail_out = room;
    const int status = inflate(&z, Z_NO_FLUSH);
    done += room - z.avail_out;
    if (status == Z_STREAM_END) {
      next_member();
    } else if (status == Z_BUF_ERROR && z.avail_in == 0 && stream_->ahead.empty()) {
      fail("'", path_, "' ends in the middle of its gzip data; download it again");
    } else if (status != Z_OK) {
      fail("'", path_, "' is corrupt (gzip: ", z.msg ? z.msg : zError(status),
           "); download it again");
    }
  }
  return done;
}

}  // namespace rectify::data
