#pragma once

// What convolutions by Winograd's algorithm and their gradients in the weight have in common: tiles
// of a batch, in blocks that go into one product, and memory for their points.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rectify/run/cpu/convolution/convolution.h"
#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/winograd_loops.h"
#include "rectify/run/cpu/prefetch.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

/// Channels of a whole vector on every processor.
inline constexpr std::int64_t vector_channels = 16;

std::int64_t tiles_of(const graph::Window& window);

/// Both sides of a convolution, cut into the same tiles.
WinogradImages images_of(const ConvolutionSize& size);
WinogradImages results_of(const ConvolutionSize& size);

/// Floats from a point to the next: with a cache line between them, so that not all fall on the
/// same place of a cache.
inline std::int64_t plane(std::int64_t tiles, std::int64_t channels) {
  return tiles * channels + vector_channels;
}

/// Tiles [first, first + count) of a batch.
using Block = Samples;

/// The tiles of each part of a batch in blocks of at most `most`, as equal as can be.
std::vector<std::vector<Block>> blocks_of(const ConvolutionSize& size,
                                          const std::vector<Samples>& parts, std::int64_t most);

/// The block that a thread will probably take after the i-th of a part, if there is one.
const Block* block_after(const std::vector<std::vector<Block>>& parts, std::size_t part,
                         std::size_t i);

/// Where a block of values lies, each sample of which has `elements`: about, because tiles are rows
/// of pixels.
Stretch stretch_of(const Block& block, const ConvolutionSize& size, const Storage& values,
                   std::int64_t elements);

/// Scratch memory for the points of so many tiles of images and of results.
struct PointsOfBlock {
  std::size_t of_images, of_results;

  PointsOfBlock(const ConvolutionSize& s, std::int64_t tiles)
      : of_images(static_cast<std::size_t>(winograd_points * plane(tiles, s.channels))),
        of_results(static_cast<std::size_t>(winograd_points * plane(tiles, s.units))) {}

  void announce() const { announce_scratch(ScratchUse::patches, of_images + of_results); }
  float* lend() const { return scratch_of_thread(ScratchUse::patches, of_images + of_results); }
};

/// Calls visit(the loops, the first of the numbers) for either kind of element.
template <class Visit>
void as_numbers(const Storage& images, const Visit& visit) {
  if (images.element == Element::bfloat16)
    visit(winograd_loops().of_bfloat16, images.as<bfloat16>());
  else
    visit(winograd_loops().of_float, images.as<float>());
}

}  // namespace rectify::run::cpu
