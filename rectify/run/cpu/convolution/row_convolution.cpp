#include "rectify/run/cpu/convolution/row_convolution.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/image_rows.h"
#include "rectify/run/cpu/product/small_product.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

namespace {

/// Channels of which oneDNN fills up vectors, and units of which it does not need to.
constexpr std::int64_t few = 16, most_units = 32;

/// Whether libxsmm adds up each sum in one chain, in the order of the window: of one vector it
/// makes two chains where there are few groups. So the bits do not depend on what other units there
/// are, and those that never fire can be removed (diagnose/heal).
bool is_one_chain(const ImageRows& rows) {
  constexpr std::int64_t vector = 16, groups_of_one_chain = 12;
  return rows.lanes > vector || rows.groups >= groups_of_one_chain;
}

/// Images with zeros around them, one at a time, in scratch memory of the calling thread.
class PaddedImage {
 public:
  PaddedImage(const ConvolutionSize& size, const ImageRows& rows)
      : size_(size), rows_(rows), at_(scratch_of_thread(ScratchUse::patches, floats(rows))) {
    std::fill_n(at_, floats(rows), 0.0f);
  }
  static std::size_t floats(const ImageRows& rows) {
    return static_cast<std::size_t>(rows.image_floats());
  }
  const float* of(const float* image) const {
    copy_inside(size_, image, rows_.pitch, at_);
    return at_;
  }

 private:
  const ConvolutionSize& size_;
  const ImageRows& rows_;
  float* at_;
};

/// A row of results, or what is added to it: the sum over the window's rows and the pieces of each.
SummedProduct row_of_results(const ConvolutionSize& s, const ImageRows& rows, bool adds) {
  std::vector<ProductTerm> terms;
  for (std::int64_t y = 0; y < s.window.y.size; ++y)
    for (std::int64_t piece = 0; piece < rows.pieces; ++piece)
      terms.push_back({y * rows.pitch + piece * rows.depth,
                       (y * rows.pieces + piece) * rows.depth * rows.lanes});
  return {{.rows = rows.groups,
           .depth = rows.depth,
           .columns = rows.lanes,
           .x_stride = rows.step,
           .w_stride = rows.lanes,
           .y_stride = rows.lanes,
           .adds = adds},
          terms};
}

/// The gradient of a piece of the right factor: the sum over an image's rows of results.
SummedProduct gradient_of_piece(const ConvolutionSize& s, const ImageRows& rows) {
  std::vector<ProductTerm> terms;
  for (std::int64_t v = 0; v < s.window.y.out; ++v)
    terms.push_back({v * s.window.y.stride * rows.pitch, v * s.window.x.out * s.units});
  return {{.rows = rows.depth,
           .depth = rows.groups,
           .columns = rows.lanes,
           .x_stride = rows.step,
           .w_stride = rows.lanes,
           .y_stride = rows.lanes,
           .transposed = true,
           .adds = true},
          terms};
}

/// Where the weight of the convolution `of` has what stands at a place of that of turned(of).
std::int64_t turned_place(const ConvolutionSize& of, std::int64_t place) {
  const std::int64_t taps = of.window.y.size * of.window.x.size;
  const std::int64_t channel = place % of.channels, unit = place / of.channels % of.units;
  const std::int64_t tap = taps - 1 - place / (of.channels * of.units);
  return (tap * of.channels + channel) * of.units + unit;
}

}  // namespace

bool suits_rows(const ConvolutionSize& s) {
  const bool floats = s.element == Element::float32 && s.result == Element::float32;
  return floats && s.groups == 1 && s.window.y.dilation == 1 && s.window.x.dilation == 1 &&
         (s.channels < few || s.units < few) && s.units <= most_units &&
         SmallProduct::available() && is_one_chain(image_rows_of(s));
}

struct RowConvolution::Work {
  ConvolutionSize of;
  ThreadPool& threads;
  const float *from, *weight;
  float *bias, *to;
  bool is_turned = false;  ///< the weight is that of turned(of)
  ImageRows rows = image_rows_of(of);
  SummedProduct product = row_of_results(of, rows, bias != nullptr);
  std::vector<Samples> tiles = sample_tiles(of);

  std::size_t row_floats() const { return static_cast<std::size_t>(rows.groups * rows.lanes); }
  std::size_t factor_floats() const { return static_cast<std::size_t>(rows.weight_floats(of)); }
  std::size_t packed_floats() const { return factor_floats() + (bias ? row_floats() : 0); }
  const float* pack() const;
  void run_sample(const PaddedImage& padded, const float* packed, std::int64_t n) const;
};

/// The weight as right factor, then a row of biases, in scratch memory until the end of a run.
const float* RowConvolution::Work::pack() const {
  float* const place = scratch_of_thread(ScratchUse::packed, packed_floats());
  std::fill_n(place, factor_floats(), 0.0f);
  float* row = place + factor_floats();
  if (bias)
    for (std::int64_t x = 0; x < of.window.x.out; ++x) row = std::copy_n(bias, of.units, row);
  const ConvolutionSize stored = is_turned ? turned(of) : of;
  for_weights(of, rows, [&](std::int64_t at, std::int64_t w) {
    place[at] = weight[is_turned ? turned_place(stored, w) : w];
  });
  return place;
}

void RowConvolution::Work::run_sample(const PaddedImage& padded, const float* packed,
                                      std::int64_t n) const {
  const graph::WindowAxis& y = of.window.y;
  const float* const image = padded.of(from + n * of.image_size());
  float* row = to + n * of.result_size();
  for (std::int64_t v = 0; v < y.out; ++v, row += row_floats()) {
    if (bias) std::copy_n(packed + factor_floats(), row_floats(), row);
    product.run(image + v * y.stride * rows.pitch, packed, row);
  }
}

RowConvolution::RowConvolution(std::unique_ptr<Work> work) : work_(std::move(work)) {
  announce_scratch(ScratchUse::patches, PaddedImage::floats(work_->rows));
  announce_scratch(ScratchUse::packed, work_->packed_floats());
}

RowConvolution RowConvolution::forward(const ConvolutionSize& size, Storage images, Storage weight,
                                       float* bias, Storage results, ThreadPool& threads) {
  return RowConvolution(std::unique_ptr<Work>(
      new Work{size, threads, images.as<float>(), weight.as<float>(), bias, results.as<float>()}));
}

RowConvolution RowConvolution::input_gradient(const ConvolutionSize& size, Storage results,
                                              Storage weight, Storage images, ThreadPool& threads) {
  return RowConvolution(
      std::unique_ptr<Work>(new Work{turned(size), threads, results.as<float>(), weight.as<float>(),
                                     nullptr, images.as<float>(), true}));
}

RowConvolution::~RowConvolution() = default;
RowConvolution::RowConvolution(RowConvolution&&) noexcept = default;

void RowConvolution::run(const FusedOps& fused) const {
  const Work& w = *work_;
  const float* const packed = w.pack();
  w.threads.run(w.tiles.size(), [&](std::size_t i) {
    const auto [first, count] = w.tiles[i];
    const PaddedImage padded(w.of, w.rows);
    for (std::int64_t n = first; n < first + count; ++n) w.run_sample(padded, packed, n);
    fused(static_cast<std::size_t>(first * w.of.result_size()),
          static_cast<std::size_t>(count * w.of.result_size()));
  });
}

struct RowWeightGradient::Work {
  ConvolutionSize of;
  ThreadPool& threads;
  const float *images, *results;
  float* total;
  ImageRows rows = image_rows_of(of);
  SummedProduct product = gradient_of_piece(of, rows);
  std::vector<Samples> parts = sum_parts(of);

  std::size_t factor_floats() const { return static_cast<std::size_t>(rows.weight_floats(of)); }
  void put(const Samples& samples, float* sum) const;
};

/// The gradient of the right factor over some samples, then each weight's over a group's places.
void RowWeightGradient::Work::put(const Samples& samples, float* sum) const {
  float* const factor = scratch_of_thread(ScratchUse::weight, factor_floats());
  std::fill_n(factor, factor_floats(), 0.0f);
  const PaddedImage padded(of, rows);
  for (std::int64_t n = samples.first; n < samples.first + samples.count; ++n) {
    const float* const image = padded.of(images + n * of.image_size());
    for (std::int64_t y = 0; y < of.window.y.size; ++y)
      for (std::int64_t piece = 0; piece < rows.pieces; ++piece)
        product.run(image + y * rows.pitch + piece * rows.depth, results + n * of.result_size(),
                    factor + (y * rows.pieces + piece) * rows.depth * rows.lanes);
  }
  std::fill_n(sum, of.weight_size(), 0.0f);
  for_weights(of, rows, [&](std::int64_t at, std::int64_t w) { sum[w] += factor[at]; });
}

RowWeightGradient::RowWeightGradient(const ConvolutionSize& size, Storage images, Storage results,
                                     float* weight, ThreadPool& threads)
    : work_(new Work{size, threads, images.as<float>(), results.as<float>(), weight}) {
  announce_scratch(ScratchUse::patches, PaddedImage::floats(work_->rows));
  announce_scratch(ScratchUse::weight, work_->factor_floats());
  announce_scratch(ScratchUse::sums, floats_of_sums(size));
}

RowWeightGradient::~RowWeightGradient() = default;
RowWeightGradient::RowWeightGradient(RowWeightGradient&&) noexcept = default;

void RowWeightGradient::run() const {
  const Work& w = *work_;
  sum_of_parts(w.of, w.threads, w.total,
               [&](std::size_t part, float* sum) { w.put(w.parts[part], sum); });
}

}  // namespace rectify::run::cpu
