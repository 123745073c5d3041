#include "rectify/run/cpu/convolution/sparse_gradients.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/image_rows.h"
#include "rectify/run/cpu/convolution/nonzero_loops.h"
#include "rectify/run/cpu/scratch.h"
#include "rectify/run/cpu/sparse/choose.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(NonzeroLoops, nonzero_loops)

namespace {

/// Costs in multiply-adds of vectors beside those of the windows: of a number that is not zero, of
/// a place, and how often a place loads or stores its window. Fitted to what `rectify bench
/// --profile` says of lenet5 (docs/decisions/0029).
struct Costs {
  double number, place, windows_a_place;
};
constexpr Costs of_spreading = {6, 12, 2}, of_gathering = {20, 8, 0};
constexpr std::int64_t least_work = 1 << 20;  ///< multiply-adds below which nobody counts

/// What a window covers of images with their padding.
CoveredImage covered_by(const ConvolutionSize& s) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  const std::int64_t lanes = nonzero_loops().lanes;
  const std::int64_t vectors = (x.size * s.channels + lanes - 1) / lanes;
  const std::int64_t width =
      std::max(x.before + x.in, (x.out - 1) * x.stride + x.size) * s.channels;
  return {.height = y.out,
          .width = x.out,
          .units = s.units,
          .down = y.stride * width,
          .across = x.stride * s.channels,
          .rows = y.size,
          .vectors = vectors,
          .pitch = width};
}

/// What both gradients have in common.
struct Work {
  ConvolutionSize of;
  ThreadPool& threads;
  const float* results;
  FactorZeros* zeros;
  std::int64_t dense_lanes;  ///< numbers side by side of which a dense convolution computes vectors
  CoveredImage covered = covered_by(of);

  std::size_t image_floats() const {
    const graph::WindowAxis& y = of.window.y;
    const std::int64_t rows = std::max(y.before + y.in, (y.out - 1) * y.stride + y.size);
    // The last vectors may reach beyond the last row.
    return static_cast<std::size_t>(rows * covered.pitch + nonzero_loops().lanes);
  }
  std::int64_t row_floats() const { return covered.vectors * nonzero_loops().lanes; }
  std::size_t weight_floats() const {
    return static_cast<std::size_t>(of.units * covered.rows * row_floats());
  }
  const float* results_of(std::int64_t n) const { return results + n * of.result_size(); }
  template <class Each>
  void for_rows_of_weight(const Each& each) const;
  bool pays(const Costs& costs) const;
};

/// Calls each(place in units x rows x vectors, place in the weight) for all weights.
template <class Each>
void Work::for_rows_of_weight(const Each& each) const {
  const std::int64_t row = of.window.x.size * of.channels;
  for (std::int64_t r = 0; r < covered.rows; ++r)
    for (std::int64_t i = 0; i < row; ++i)
      for (std::int64_t u = 0; u < of.units; ++u)
        each((u * covered.rows + r) * row_floats() + i, (r * row + i) * of.units + u);
}

/// Whether it is faster. It depends on the number of zeros, the shapes and the instruction set.
bool Work::pays(const Costs& costs) const {
  std::atomic<std::int64_t> found = 0;
  threads.run(static_cast<std::size_t>(of.batch), [&](std::size_t n) {
    found += nonzero_loops().count(results_of(static_cast<std::int64_t>(n)), of.result_size());
  });
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  const double a_window = number(covered.rows * covered.vectors), count = number(found);
  const double places = number(of.batch * of.places());
  const double sparse = count * (1.1 * a_window + costs.number) +
                        places * (costs.windows_a_place * a_window + costs.place);
  const std::int64_t lanes = nonzero_loops().lanes;
  const double vectors = number((dense_lanes + lanes - 1) / lanes) / number(dense_lanes);
  const double dense = places * number(of.weight_size()) * vectors;
  const bool faster = sparse < dense;
  if (zeros) {
    zeros->numbers += of.batch * of.result_size();
    zeros->nonzeros += found;
    zeros->left_out += faster;
  }
  return faster;
}

bool is_worth_counting(const Lowering& l, std::size_t factor, const ConvolutionSize& s) {
  const bool floats = s.element == Element::float32 && s.result == Element::float32;
  return floats && s.groups == 1 && s.window.y.dilation == 1 && s.window.x.dilation == 1 &&
         covered_by(s).vectors <= nonzero_loops().most_vectors &&
         s.batch * s.places() * s.weight_size() >= least_work && may_leave_out(l, factor);
}

/// The gradient in the images of some samples.
class InputGradient {
 public:
  InputGradient(Work work, const float* weight, float* images, FusedOps fused)
      : work_(std::move(work)), weight_(weight), images_(images), fused_(std::move(fused)) {
    announce_scratch(ScratchUse::patches, work_.image_floats());
    announce_scratch(ScratchUse::packed, work_.weight_floats());
  }
  bool pays() const { return work_.pays(of_spreading); }

  void run() const {
    float* const weight = scratch_of_thread(ScratchUse::packed, work_.weight_floats());
    std::fill_n(weight, work_.weight_floats(), 0.0f);
    work_.for_rows_of_weight([&](std::int64_t at, std::int64_t w) { weight[at] = weight_[w]; });
    work_.threads.run(tiles_.size(), [&](std::size_t i) {
      const auto [first, count] = tiles_[i];
      for (std::int64_t n = first; n < first + count; ++n) run_sample(weight, n);
      fused_(static_cast<std::size_t>(first * work_.of.image_size()),
             static_cast<std::size_t>(count * work_.of.image_size()));
    });
  }

 private:
  void run_sample(const float* weight, std::int64_t n) const {
    float* const image = scratch_of_thread(ScratchUse::patches, work_.image_floats());
    std::fill_n(image, work_.image_floats(), 0.0f);
    nonzero_loops().spread(work_.covered, work_.results_of(n), weight, image);
    const auto& [y, x] = work_.of.window;
    const float* from = image + y.before * work_.covered.pitch + x.before * work_.of.channels;
    float* to = images_ + n * work_.of.image_size();
    for (std::int64_t v = 0; v < y.in; ++v, from += work_.covered.pitch)
      to = std::copy_n(from, x.in * work_.of.channels, to);
  }

  Work work_;
  const float* weight_;
  float* images_;
  FusedOps fused_;
  std::vector<Samples> tiles_ = sample_tiles(work_.of);
};

/// The gradient in the weight, in parts of the batch.
class WeightGradient {
 public:
  WeightGradient(Work work, const float* images, float* weight)
      : work_(std::move(work)), images_(images), weight_(weight) {
    announce_scratch(ScratchUse::patches, work_.image_floats());
    announce_scratch(ScratchUse::weight, work_.weight_floats());
    announce_scratch(ScratchUse::marks, list_floats());
    announce_scratch(ScratchUse::sums, floats_of_sums(work_.of));
  }
  bool pays() const { return work_.pays(of_gathering); }

  void run() const {
    sum_of_parts(work_.of, work_.threads, weight_,
                 [&](std::size_t part, float* sum) { put(parts_[part], sum); });
  }

 private:
  std::int64_t most_listed() const { return work_.of.result_size(); }
  std::size_t list_floats() const {
    return static_cast<std::size_t>(2 * most_listed() + work_.of.units);
  }

  void put(const Samples& samples, float* sum) const {
    const CoveredImage& covered = work_.covered;
    float* const weight = scratch_of_thread(ScratchUse::weight, work_.weight_floats());
    float* const image = scratch_of_thread(ScratchUse::patches, work_.image_floats());
    auto* const list =
        reinterpret_cast<Nonzero*>(scratch_of_thread(ScratchUse::marks, list_floats()));
    auto* const ends = reinterpret_cast<std::int32_t*>(list + most_listed());
    std::fill_n(weight, work_.weight_floats(), 0.0f);
    std::fill_n(image, work_.image_floats(), 0.0f);
    for (std::int64_t n = samples.first; n < samples.first + samples.count; ++n) {
      copy_inside(work_.of, images_ + n * work_.of.image_size(), covered.pitch, image);
      nonzero_loops().list(covered, work_.results_of(n), list, ends);
      nonzero_loops().gather(covered, list, ends, image, weight);
    }
    work_.for_rows_of_weight([&](std::int64_t at, std::int64_t w) { sum[w] = weight[at]; });
  }

  Work work_;
  const float* images_;
  float* weight_;
  std::vector<Samples> parts_ = sum_parts(work_.of);
};

template <class Gradient>
Step step_of(std::shared_ptr<const Gradient> gradient, Step dense) {
  return [gradient = std::move(gradient), dense = std::move(dense)] {
    if (gradient->pays())
      gradient->run();
    else
      dense();
  };
}

}  // namespace

Step sparse_input_gradient_or(Step dense, const Lowering& l, const ConvolutionSize& size) {
  if (!is_worth_counting(l, 0, size)) return dense;
  return step_of(std::make_shared<const InputGradient>(
                     Work{size, l.threads, l.input<float>(0), l.zeros, size.channels},
                     l.input<float>(1), l.value.as<float>(), l.fused),
                 std::move(dense));
}

Step sparse_weight_gradient_or(Step dense, const Lowering& l, const ConvolutionSize& size) {
  if (!is_worth_counting(l, 1, size)) return dense;
  return step_of(std::make_shared<const WeightGradient>(
                     Work{size, l.threads, l.input<float>(1), l.zeros, size.units},
                     l.input<float>(0), l.output<float>()),
                 std::move(dense));
}

}  // namespace rectify::run::cpu
