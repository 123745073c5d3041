#pragma once

#include <array>
#include <cstdint>

#include "rectify/base/random.h"
#include "rectify/data/glyphs/pen.h"
#include "rectify/data/glyphs/shapes.h"

namespace rectify::data {

/// Random whole numbers, one after the other, from consecutive words of a Random.
class Draws {
 public:
  /// Starts at word 4 * `first_block`.
  Draws(const Random& random, std::uint64_t first_block) : random_(random), block_(first_block) {}

  /// 32 uniform bits.
  std::uint32_t word() {
    if (used_ == 4) {
      words_ = random_.words(block_++);
      used_ = 0;
    }
    return words_[used_++];
  }

  /// A uniform number in [0, bound).
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(std::uint64_t{word()} * static_cast<std::uint64_t>(bound) >>
                                     32);
  }

  /// A number in [-most, most] from a bell-shaped distribution around 0. It is a sum of four
  /// uniform bytes; its standard deviation is 0.29 `most`.
  std::int64_t bell(std::int64_t most) {
    const std::uint32_t w = word();
    const std::int64_t sum = (w & 255) + (w >> 8 & 255) + (w >> 16 & 255) + (w >> 24);
    return (sum - 510) * most / 510;
  }

 private:
  Random random_;
  std::uint64_t block_;
  std::array<std::uint32_t, 4> words_{};
  std::size_t used_ = 4;
};

/// A sample uses at most this many blocks of four words.
inline constexpr std::uint64_t blocks_per_sample = 1024;

/// Draws `glyph` once onto a black canvas as a random hand might write it, with full and clean ink.
Canvas draw_glyph(const Glyph& glyph, std::int64_t difficulty, Draws& draws);

/// Writes `glyph` once onto a black canvas as a random hand might write it. docs/data.md lists what
/// varies, in which order and how far. `difficulty` is in 1/1024, from 0 to 1024.
Canvas write_glyph(const Glyph& glyph, std::int64_t difficulty, Draws& draws);

}  // namespace rectify::data
