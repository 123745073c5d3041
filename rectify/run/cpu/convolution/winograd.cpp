#include "rectify/run/cpu/convolution/winograd.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <vector>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/winograd_loops.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/prefetch.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/product/small_product.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(WinogradLoops, winograd_loops)

namespace {

constexpr std::int64_t taps = 9;
/// Channels of a whole vector on every processor.
constexpr std::int64_t vector_channels = 16;
/// Fewest tiles of a batch, and most floats of a weight's points, for which changing these pays.
constexpr std::int64_t least_tiles = 32, most_points_of_weight = 1 << 22;
/// Most products, of those without the algorithm, for which it is faster: tiles at the border may
/// be hardly used, and products of bfloat16 that it competes with are twice as fast as its own.
constexpr double most_products = 0.5, most_products_of_bfloat16 = 0.3;
/// Floats of the points of images and results that the second cache holds beside those of a weight,
/// and beside a sum; and of a sum that it holds beside these.
constexpr std::int64_t wanted_points = 1 << 18, wanted_points_of_sum = 1 << 16,
                       most_points_of_sum = 1 << 18;
/// Tiles that go into a product: at least as many as are worth reading a weight for, or reading and
/// writing its gradient, whatever the cache holds. A sum that it does not hold is worth more.
constexpr std::int64_t least_tiles_of_product = 16, most_tiles_of_product = 32,
                       least_tiles_of_sum = 32, most_tiles_of_sum = 64, tiles_of_large_sum = 128;
/// Floats of the points of a weight that every thread computes for itself: to fetch half of them
/// from the other processor's cache takes longer.
constexpr std::int64_t most_points_of_thread = 1 << 18;
/// Numbers of a weight that a thread takes at once.
constexpr std::int64_t weight_piece = 4096;

std::int64_t tiles_of(const graph::WindowAxis& a) {
  return (a.out + winograd_tile - 1) / winograd_tile;
}
std::int64_t tiles_of(const graph::Window& w) { return tiles_of(w.y) * tiles_of(w.x); }

WinogradImages images_of(const ConvolutionSize& s) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  return {y.in, x.in, s.channels, tiles_of(y), tiles_of(x), y.before, x.before};
}
WinogradImages results_of(const ConvolutionSize& s) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  return {y.out, x.out, s.units, tiles_of(y), tiles_of(x)};
}

/// Floats from a point to the next: with a cache line between them, so that not all fall on the
/// same place of a cache.
std::int64_t plane(std::int64_t tiles, std::int64_t channels) {
  return tiles * channels + vector_channels;
}

/// Tiles [first, first + count) of a batch.
using Block = Samples;

/// The tiles of each part of a batch in blocks of at most `most`, as equal as can be.
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

/// The block that a thread will probably take after the i-th of a part, if there is one.
const Block* block_after(const std::vector<std::vector<Block>>& parts, std::size_t part,
                         std::size_t i) {
  if (i + 1 < parts[part].size()) return &parts[part][i + 1];
  return part + 1 < parts.size() ? &parts[part + 1].front() : nullptr;
}

/// Where a block of values lies, each sample of which has `size` of that element: about, because
/// tiles are rows of pixels.
Stretch stretch_of(const Block& block, const ConvolutionSize& s, const float* values,
                   std::int64_t size, Element element) {
  const std::int64_t bytes = size * bytes_of(element), tiles = tiles_of(s.window);
  const std::int64_t first = block.first * bytes / tiles,
                     end = (block.first + block.count) * bytes / tiles;
  return {reinterpret_cast<const std::byte*>(values) + first, end - first};
}

/// The most tiles of a block of a convolution, and of its gradient in the weight.
std::int64_t tiles_of_product(const ConvolutionSize& s) {
  const std::int64_t fit = wanted_points / (winograd_points * (s.channels + s.units));
  return std::clamp(fit, least_tiles_of_product, most_tiles_of_product);
}
std::int64_t tiles_of_sum(const ConvolutionSize& s) {
  if (winograd_points * s.channels * s.units > most_points_of_sum) return tiles_of_large_sum;
  const std::int64_t fit = wanted_points_of_sum / (winograd_points * (s.channels + s.units));
  return std::clamp(fit, least_tiles_of_sum, most_tiles_of_sum);
}

/// Scratch memory for the points of so many tiles of images and of results.
struct PointsOfBlock {
  std::size_t of_images, of_results;

  PointsOfBlock(const ConvolutionSize& s, std::int64_t tiles)
      : of_images(static_cast<std::size_t>(winograd_points * plane(tiles, s.channels))),
        of_results(static_cast<std::size_t>(winograd_points * plane(tiles, s.units))) {}

  void announce() const { announce_scratch(ScratchUse::patches, of_images + of_results); }
  float* lend() const { return scratch_of_thread(ScratchUse::patches, of_images + of_results); }
};

/// Calls visit(the loops, the images as their numbers) for either kind of element.
template <class Visit>
void as_numbers(Element element, float* images, const Visit& visit) {
  if (element == Element::bfloat16)
    visit(winograd_loops().of_bfloat16, reinterpret_cast<bfloat16*>(images));
  else
    visit(winograd_loops().of_float, images);
}

bool is_3x3(const graph::WindowAxis& a) { return a.size == 3 && a.stride == 1 && a.dilation == 1; }

}  // namespace

bool suits_winograd(const ConvolutionSize& s) {
  if (s.groups != 1 || !is_3x3(s.window.y) || !is_3x3(s.window.x)) return false;
  for (const std::int64_t channels : {s.channels, s.units})
    if (channels % vector_channels != 0 || channels > winograd_most_channels) return false;
  const bool floats = s.element == Element::float32;
  const std::int64_t tiles = tiles_of(s.window);
  return static_cast<double>(tiles * winograd_points) <=
             (floats ? most_products : most_products_of_bfloat16) *
                 static_cast<double>(s.places() * taps) &&
         s.batch * tiles >= least_tiles &&
         s.channels * s.units * winograd_points <= most_points_of_weight &&
         (floats || !has_amx_products()) && SmallProduct::available();
}

struct WinogradConvolution::Work {
  ConvolutionSize of;
  ThreadPool& threads;
  float *from, *weight, *bias, *to;
  bool turned = false;  ///< `of` and its weight are those of a gradient in images
  std::vector<Samples> parts = sample_tiles(of);
  PointsOfBlock points{of, tiles_of_product(of)};
  std::vector<std::vector<Block>> blocks = blocks_of(of, parts, tiles_of_product(of));
  std::vector<const float*> points_of_thread =  ///< of the weight; null: not yet in this run
      std::vector<const float*>(static_cast<std::size_t>(threads.threads()));
  std::map<std::int64_t, SmallProduct> products = {};  ///< by tiles

  std::int64_t tap_size() const { return of.channels * of.units; }
  bool weight_is_ready() const { return !turned && of.element == Element::float32; }
  std::size_t weight_floats() const {
    return static_cast<std::size_t>((winograd_points + (weight_is_ready() ? 0 : taps)) *
                                    tap_size());
  }

  void prepare();
  bool weight_is_small() const { return winograd_points * tap_size() <= most_points_of_thread; }

  void put_tap(std::int64_t tap, float* to) const;
  template <class Each>
  const float* points_of_weight(ScratchUse use, const Each& each) const;
  void run_block(const Block& block, const float* weight, const Soon& soon) const;
  void run_part(std::size_t part, const float* weight, const Riders& riders) const;
};

void WinogradConvolution::Work::prepare() {
  for (const std::vector<Block>& part : blocks)
    for (const Block& block : part)
      if (!products.contains(block.count))
        products.emplace(block.count, SmallProductSize{.rows = block.count,
                                                       .depth = of.channels,
                                                       .columns = of.units,
                                                       .x_stride = of.channels,
                                                       .w_stride = of.units,
                                                       .y_stride = of.units});
  points.announce();
  announce_scratch(weight_is_small() ? ScratchUse::weight : ScratchUse::packed, weight_floats());
  if (!weight_is_ready())
    announce_scratch(ScratchUse::blocked, static_cast<std::size_t>(tap_size()));
}

// A tap of the weight as floats of channels x units.
void WinogradConvolution::Work::put_tap(std::int64_t tap, float* put) const {
  const std::int64_t stored = turned ? taps - 1 - tap : tap;
  const float* values = sample(weight, stored, tap_size(), of.element);
  if (of.element == Element::bfloat16) {
    const auto n = static_cast<std::size_t>(tap_size());
    float* const wide = turned ? scratch_of_thread(ScratchUse::blocked, n) : put;
    loops().to_float32(reinterpret_cast<const bfloat16*>(values), wide, n);
    values = wide;
  }
  if (turned) loops().transpose(values, of.channels, put, of.units, of.units, of.channels);
}

// The points of the weight, in scratch memory until the end of a run: each(n, work) calls work(i)
// for all i < n.
template <class Each>
const float* WinogradConvolution::Work::points_of_weight(ScratchUse use, const Each& each) const {
  float* const place = scratch_of_thread(use, weight_floats());
  float* const own = place + winograd_points * tap_size();
  const float* const first = weight_is_ready() ? weight : own;
  if (!weight_is_ready())
    each(taps, [&](std::size_t i) {
      const auto tap = static_cast<std::int64_t>(i);
      put_tap(tap, own + tap * tap_size());
    });
  std::array<const float*, taps> at;
  for (std::size_t i = 0; i < at.size(); ++i)
    at[i] = first + static_cast<std::int64_t>(i) * tap_size();
  each((tap_size() + weight_piece - 1) / weight_piece, [&](std::size_t i) {
    const std::int64_t begin = static_cast<std::int64_t>(i) * weight_piece;
    winograd_loops().weights(at, tap_size(), begin, std::min(weight_piece, tap_size() - begin),
                             place);
  });
  return place;
}

// While it computes products, what is needed soon comes from memory.
void WinogradConvolution::Work::run_block(const Block& block, const float* points_of_w,
                                          const Soon& soon) const {
  float* const x = points.lend();
  float* const y = x + points.of_images;
  const std::int64_t x_plane = plane(block.count, of.channels),
                     y_plane = plane(block.count, of.units);
  as_numbers(of.element, from, [&](const auto& loops_of, const auto* numbers) {
    loops_of.patches(images_of(of), {block.first, block.count, x_plane}, numbers, x);
  });
  const SmallProduct& product = products.at(block.count);
  for (std::int64_t p = 0; p < winograd_points; ++p) {
    soon.prefetch(p, winograd_points);
    product.run(x + p * x_plane, points_of_w + p * tap_size(), y + p * y_plane);
  }
  as_numbers(of.result, to, [&](const auto& loops_of, auto* numbers) {
    loops_of.results(results_of(of), {block.first, block.count, y_plane}, y, bias, numbers);
  });
}

void WinogradConvolution::Work::run_part(std::size_t part, const float* points_of_w,
                                         const Riders& riders) const {
  for (std::size_t i = 0; i < blocks[part].size(); ++i) {
    const Block& block = blocks[part][i];
    const auto along = [&](const float* values, Element element) {
      return stretch_of(block, of, values, of.result_size(), element);
    };
    Soon soon;
    if (const Block* const next = block_after(blocks, part, i))
      soon.add(stretch_of(*next, of, from, of.image_size(), of.element));
    soon.add(along(to, of.result));
    for (const Beside& b : riders.beside) soon.add(along(b.values, b.element));
    run_block(block, points_of_w, soon);
  }
  const Samples& samples = parts[part];
  riders(static_cast<std::size_t>(samples.first * of.result_size()),
         static_cast<std::size_t>(samples.count * of.result_size()));
}

WinogradConvolution::WinogradConvolution(std::unique_ptr<Work> work) : work_(std::move(work)) {
  work_->prepare();
}

WinogradConvolution WinogradConvolution::forward(const ConvolutionSize& size, float* images,
                                                 float* weight, float* bias, float* results,
                                                 ThreadPool& threads) {
  return WinogradConvolution(
      std::unique_ptr<Work>(new Work{size, threads, images, weight, bias, results}));
}

WinogradConvolution WinogradConvolution::input_gradient(const ConvolutionSize& size, float* results,
                                                        float* weight, float* images,
                                                        ThreadPool& threads) {
  return WinogradConvolution(std::unique_ptr<Work>(
      new Work{turned(size), threads, results, weight, nullptr, images, true}));
}

WinogradConvolution::~WinogradConvolution() = default;
WinogradConvolution::WinogradConvolution(WinogradConvolution&&) noexcept = default;

void WinogradConvolution::run(const Riders& riders) const {
  Work& w = *work_;
  const auto together = [&](std::int64_t n, const auto& work) {
    w.threads.run(static_cast<std::size_t>(n), work);
  };
  const auto alone = [](std::int64_t n, const auto& work) {
    for (std::int64_t i = 0; i < n; ++i) work(static_cast<std::size_t>(i));
  };
  const float* const shared =
      w.weight_is_small() ? nullptr : w.points_of_weight(ScratchUse::packed, together);
  std::ranges::fill(w.points_of_thread, shared);
  w.threads.run(w.parts.size(), [&](std::size_t part, std::size_t thread) {
    const float*& points = w.points_of_thread[thread];
    if (!points) points = w.points_of_weight(ScratchUse::weight, alone);
    w.run_part(part, points, riders);
  });
}

struct WinogradWeightGradient::Work {
  ConvolutionSize of;
  ThreadPool& threads;
  float *images, *results, *total;
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
  as_numbers(of.element, images, [&](const auto& loops_of, const auto* numbers) {
    loops_of.patches(images_of(of), {block.first, block.count, x_plane}, numbers, x);
  });
  as_numbers(of.element, results, [&](const auto& loops_of, const auto* numbers) {
    loops_of.gradients(results_of(of), {block.first, block.count, y_plane}, numbers, y);
  });
  Soon soon;
  if (next) {
    soon.add(stretch_of(*next, of, images, of.image_size(), of.element));
    soon.add(stretch_of(*next, of, results, of.result_size(), of.element));
  }
  const SmallProduct& product = (first ? first_products : products).at(block.count);
  for (std::int64_t p = 0; p < winograd_points; ++p) {
    soon.prefetch(p, winograd_points);
    product.run(x + p * x_plane, y + p * y_plane, sum + p * tap_size());
  }
}

WinogradWeightGradient::WinogradWeightGradient(const ConvolutionSize& size, float* images,
                                               float* results, float* weight, ThreadPool& threads)
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
