#include "cli/fetch/md5.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rectify::cli {

namespace {

constexpr std::size_t md5_block = 64;

/// RFC 1321's T: the first 32 bits of the fractions of |sin(1)|, |sin(2)|, ...
std::array<std::uint32_t, 64> sines() {
  std::array<std::uint32_t, 64> t{};
  for (std::size_t i = 0; i < t.size(); ++i)
    t[i] = static_cast<std::uint32_t>(
        std::floor(std::abs(std::sin(static_cast<double>(i + 1))) * 0x1p32));
  return t;
}

}  // namespace

void Md5::take_block(const unsigned char* bytes) {
  static const std::array<std::uint32_t, 64> t = sines();
  constexpr int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  std::array<std::uint32_t, 16> word{};
  for (std::size_t i = 0; i < md5_block; ++i)
    word[i / 4] |= static_cast<std::uint32_t>(bytes[i]) << (8 * (i % 4));
  auto [a, b, c, d] = state_;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::size_t round = i / 16;
    const std::uint32_t mixed[] = {(b & c) | (~b & d), (b & d) | (c & ~d), b ^ c ^ d, c ^ (b | ~d)};
    const std::size_t at[] = {i, 5 * i + 1, 3 * i + 5, 7 * i};
    const std::uint32_t sum = a + mixed[round] + t[i] + word[at[round] % 16];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, turns[round][i % 4]);
  }
  state_ = {state_[0] + a, state_[1] + b, state_[2] + c, state_[3] + d};
}

void Md5::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t used = size_ % md5_block;
    const std::size_t taken = std::min(bytes.size(), md5_block - used);
    std::copy_n(bytes.begin(), taken, block_.begin() + static_cast<std::ptrdiff_t>(used));
    size_ += taken;
    bytes.remove_prefix(taken);
    if (used + taken == md5_block) take_block(block_.data());
  }
}

std::string Md5::hex() {
  const std::uint64_t bits = 8 * size_;
  add({"\x80", 1});
  while (size_ % md5_block != md5_block - 8) add({"\0", 1});
  std::string length;
  for (int shift = 0; shift < 64; shift += 8) length += static_cast<char>(bits >> shift & 255);
  add(length);
  std::string text;
  for (const std::uint32_t word : state_)
    for (int shift = 0; shift < 32; shift += 8)
      for (const int half : {4, 0}) text += "0123456789abcdef"[word >> (shift + half) & 15];
  return text;
}

}  // namespace rectify::cli
