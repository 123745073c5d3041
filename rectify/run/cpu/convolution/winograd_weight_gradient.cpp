#include <algorithm>
#include <map>
#include <vector>

#include "rectify/run/cpu/convolution/winograd.h"
#include "rectify/run/cpu/convolution/winograd_blocks.h"
#include "rectify/run/cpu/product/small_product.h"

namespace rectify::run::cpu {

namespace {

/// Floats of the points of images and results that the second cache holds beside a sum, and of a
/// sum that it holds beside these.
constexpr std::int64_t points_beside_sum = 1 << 16, most_points_of_sum = 1 << 18;
/// Tiles that go into a product: at least as many as are worth reading and writing a weight's
/// gradient for, whatever the cache holds. A sum that it does not hold is worth more.
constexpr std::int64_t least_tiles_of_sum = 32, most_tiles_of_sum = 64, tiles_of_large_sum = 128;

/// The most tiles of a block.
std::int64_t tiles_of_sum(const ConvolutionSize& s) {
  if (winograd_points * s.channels * s.units > most_points_of_sum) return tiles_of_large_sum;
  const std::int64_t fit = points_beside_sum / (winograd_points * (s.channels + s.units));
  return std::clamp(fit, least_tiles_of_sum, most_tiles_of_sum);
}

}  // namespace

struct WinogradWeightGradient::Work {
  ConvolutionSize of;
  ThreadPool& threads;
  Storage images, results;
  float* total;
  std::vector<Samples> parts = sum_parts(of);
  PointsOfBlock points{of, tiles_of_sum(of)};
  std::vector<std::vector<Block>> blocks = blocks_of(of, parts, tiles_of_sum(of));
  std::map<std::int64_t, SmallProduct> first_products = {}, products = {};  ///< by tiles

  std::int64_t tap_size() const { return of.channels * of.units; }
  std::size_t sum_floats() const { return static_cast<std::size_t>(winograd_points * tap_size()); }

  void prepare();
  void add_block(const Block& block, bool first, const Block* next, float* sum) const;
};

void WinogradWeightGradient::Work::prepare() {
  for (const std::vector<Block>& part : blocks)
    for (const Block& block : part) {
      SmallProductSize size{.rows = of.channels,
                            .depth = block.count,
                            .columns = of.units,
                            .x_stride = of.channels,
                            .w_stride = of.units,
                            .y_stride = of.units,
                            .transposed = true};
      const bool first = &block == &part.front();
      size.adds = !first;
      (first ? first_products : products).try_emplace(block.count, size);
    }
  points.announce();
  announce_scratch(ScratchUse::blocked, sum_floats());
  announce_scratch(ScratchUse::sums, floats_of_sums(of));
}

// While it computes products, what the next block needs comes from memory.
void WinogradWeightGradient::Work::add_block(const Block& block, bool first, const Block* next,
                                             float* sum) const {
  float* const x = points.lend();
  float* const y = x + points.of_images;
  const std::int64_t x_plane = plane(block.count, of.channels),
                     y_plane = plane(block.count, of.units);
  as_numbers(images, [&](const auto& loops_of, const auto* numbers) {
    loops_of.patches(images_of(of), {block.first, block.count, x_plane}, numbers, x);
  });
  as_numbers(results, [&](const auto& loops_of, const auto* numbers) {
    loops_of.gradients(results_of(of), {block.first, block.count, y_plane}, numbers, y);
  });
  PrefetchQueue queue;
  if (next) {
    queue.add(stretch_of(*next, of, images, of.image_size()));
    queue.add(stretch_of(*next, of, results, of.result_size()));
  }
  const SmallProduct& product = (first ? first_products : products).at(block.count);
  for (std::int64_t p = 0; p < winograd_points; ++p) {
    queue.prefetch(p, winograd_points);
    product.run(x + p * x_plane, y + p * y_plane, sum + p * tap_size());
  }
}

WinogradWeightGradient::WinogradWeightGradient(const ConvolutionSize& size, Storage images,
                                               Storage results, float* weight, ThreadPool& threads)
    : work_(new Work{size, threads, images, results, weight}) {
  work_->prepare();
}

WinogradWeightGradient::~WinogradWeightGradient() = default;
WinogradWeightGradient::WinogradWeightGradient(WinogradWeightGradient&&) noexcept = default;

void WinogradWeightGradient::run() const {
  const Work& w = *work_;
  sum_of_parts(w.of, w.threads, w.total, [&](std::size_t i, float* put) {
    const std::vector<Block>& own = w.blocks[i];
    float* const sum = scratch_of_thread(ScratchUse::blocked, w.sum_floats());
    for (std::size_t b = 0; b < own.size(); ++b)
      w.add_block(own[b], b == 0, block_after(w.blocks, i, b), sum);
    winograd_loops().weight_gradients(sum, w.tap_size(), put);
  });
}

}  // namespace rectify::run::cpu
