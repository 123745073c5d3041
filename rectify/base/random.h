#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace rectify {

/// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
/// easy as 1, 2, 3"). A number has an address; there is no hidden state. The same (seed, stream,
/// step, index) gives the same bits on every machine, in any order and on any thread.
///
///     const Random random(42);
///     const double u = random.uniform(7);  // the number at index 7, always the same
///     const std::uint32_t die = 1 + random.below(8, 6);  // 1 to 6, from index 8
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed, std::uint32_t stream = 0, std::uint32_t step = 0)
      : seed_(seed), stream_(stream), step_(step) {}

  /// The four words of the block at `index`.
  constexpr std::array<std::uint32_t, 4> words(std::uint64_t index) const {
    std::array<std::uint32_t, 4> c = {static_cast<std::uint32_t>(index),
                                      static_cast<std::uint32_t>(index >> 32), step_, stream_};
    std::uint32_t k0 = static_cast<std::uint32_t>(seed_);
    std::uint32_t k1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2];
      c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
           static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return c;
  }

  /// The word at `index`; four consecutive indices share a block.
  constexpr std::uint32_t word(std::uint64_t index) const { return words(index / 4)[index % 4]; }

  /// A whole number in [0, bound) for bound > 0, computed by multiplication. Its bias is below
  /// 2^-32.
  constexpr std::uint32_t below(std::uint64_t index, std::uint32_t bound) const {
    return static_cast<std::uint32_t>(std::uint64_t{word(index)} * bound >> 32);
  }

  /// A number from the uniform distribution on the open interval (0, 1), made from 32 bits.
  constexpr double uniform(std::uint64_t index) const { return (word(index) + 0.5) * 0x1p-32; }

  /// Two independent standard normal numbers, made from one block by the method of Box and Muller.
  std::array<double, 2> normal_pair(std::uint64_t index) const;

  /// normal_pair(first), normal_pair(first + 1) and so on; faster than one call for each pair.
  void normal_pairs(std::uint64_t first, std::span<std::array<double, 2>> pairs) const;

  /// A standard normal number; the numbers at 2k and 2k + 1 are normal_pair(k).
  double normal(std::uint64_t index) const { return normal_pair(index / 2)[index % 2]; }

 private:
  std::uint64_t seed_;
  std::uint32_t stream_;
  std::uint32_t step_;
};

/// The use of random numbers, as the first argument of a stream number. It keeps different uses of
/// one seed apart.
enum class Stream : std::uint32_t {
  data = 0x100,        ///< generated data sets
  split = 0x200,       ///< held-out and validation splits
  initialise = 0x300,  ///< step = the parameter's position
  shuffle = 0x400,     ///< the order of the samples; step = epoch
  partners = 0x500,    ///< mixup: the partner of each sample; step = epoch
  shares = 0x600,      ///< mixup: the partner's share; step = epoch
  augment = 0x700,     ///< augmentation of images; step = epoch
  text = 0x800,        ///< the next characters of a generated text
  node = 0x1000,       ///< plus the node's own stream number; step = training step
};

}  // namespace rectify
