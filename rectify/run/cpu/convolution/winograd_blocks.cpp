#include "rectify/run/cpu/convolution/winograd_blocks.h"

namespace rectify::run::cpu {

namespace {

std::int64_t tiles_of(const graph::WindowAxis& a) {
  return (a.out + winograd_tile - 1) / winograd_tile;
}

}  // namespace

std::int64_t tiles_of(const graph::Window& w) { return tiles_of(w.y) * tiles_of(w.x); }

WinogradImages images_of(const ConvolutionSize& s) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  return {y.in, x.in, s.channels, tiles_of(y), tiles_of(x), y.before, x.before};
}
WinogradImages results_of(const ConvolutionSize& s) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  return {y.out, x.out, s.units, tiles_of(y), tiles_of(x)};
}

std::vector<std::vector<Block>> blocks_of(const ConvolutionSize& s,
                                          const std::vector<Samples>& parts, std::int64_t most) {
  std::vector<std::vector<Block>> all;
  for (const Samples& part : parts) {
    const std::int64_t first = part.first * tiles_of(s.window),
                       count = part.count * tiles_of(s.window);
    for (Block& block : all.emplace_back(cut(count, (count + most - 1) / most)))
      block.first += first;
  }
  return all;
}

const Block* block_after(const std::vector<std::vector<Block>>& parts, std::size_t part,
                         std::size_t i) {
  if (i + 1 < parts[part].size()) return &parts[part][i + 1];
  return part + 1 < parts.size() ? &parts[part + 1].front() : nullptr;
}

Stretch stretch_of(const Block& block, const ConvolutionSize& s, const Storage& values,
                   std::int64_t elements) {
  const std::int64_t bytes = elements * bytes_of(values.element), tiles = tiles_of(s.window);
  const std::int64_t first = block.first * bytes / tiles,
                     end = (block.first + block.count) * bytes / tiles;
  return {values.data + first, end - first};
}

}  // namespace rectify::run::cpu
