#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rectify::cli {

/// The MD5 sum of bytes that come in pieces (Rivest 1992, RFC 1321). It tells a download that went
/// wrong, because those who publish data sets publish these sums; it is no protection against
/// somebody who means harm.
class Md5 {
 public:
  void add(std::string_view bytes);
  /// 32 hexadecimal digits. Nothing may be added after it.
  std::string hex();

 private:
  void take_block(const unsigned char* bytes);

  std::array<std::uint32_t, 4> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::array<unsigned char, 64> block_{};
  std::uint64_t size_ = 0;
};

}  // namespace rectify::cli
