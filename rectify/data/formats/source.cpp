#include "rectify/data/formats/source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "rectify/base/error.h"

namespace rectify::data {

Source::Source(std::string_view content, const std::string& name)
    : content_(content), most_(static_cast<std::int64_t>(content.size())) {
  if (!is_gzip(content)) return;
  gunzip_ = std::make_unique<Gunzip>(content, name);
  most_ *= max_deflate_ratio;
}

std::size_t Source::read(std::span<std::uint8_t> out) {
  if (gunzip_) return gunzip_->read(out);
  const std::size_t size = std::min(out.size(), content_.size());
  if (size > 0) std::memcpy(out.data(), content_.data(), size);
  content_.remove_prefix(size);
  return size;
}

std::string unpacked(std::string content, const std::string& name) {
  if (!is_gzip(content)) return content;
  Gunzip gunzip(content, name);
  std::string out;
  constexpr std::size_t piece = std::size_t{1} << 20;
  while (true) {
    const std::size_t used = out.size();
    // The capacity is doubled here, because a library may grow a string by just what is needed.
    if (out.capacity() < used + piece) out.reserve(2 * used + piece);
    out.resize(used + piece);
    const std::size_t got =
        gunzip.read({reinterpret_cast<std::uint8_t*>(out.data()) + used, piece});
    out.resize(used + got);
    if (got < piece) return out;
    if (static_cast<std::int64_t>(out.size()) > max_file_bytes)
      fail("'", name, "' unpacks to more than ", max_file_bytes, " bytes, which is not read");
  }
}

}  // namespace rectify::data
