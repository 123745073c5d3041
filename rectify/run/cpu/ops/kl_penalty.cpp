#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

/// The units' means over the batch, in a part of the open interval (0, 1).
class UnitMeans {
 public:
  explicit UnitMeans(const Lowering& l)
      : threads_(l.threads),
        x_(l.input<float>(0)),
        units_(static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[0]))),
        rows_(l.input_size(0) / units_),
        means_(units_) {}

  const std::vector<float>& operator()() {
    constexpr std::size_t columns = 128;  // of a tile
    constexpr float edge = 1e-6f;
    threads_.run((units_ + columns - 1) / columns, [&](std::size_t tile) {
      const std::size_t first = tile * columns, count = std::min(columns, units_ - first);
      loops().sum_rows(x_ + first, means_.data() + first, static_cast<std::int64_t>(rows_),
                       static_cast<std::int64_t>(count), static_cast<std::int64_t>(units_));
      for (std::size_t j = first; j < first + count; ++j)
        means_[j] = std::clamp(means_[j] / static_cast<float>(rows_), edge, 1 - edge);
    });
    return means_;
  }
  std::size_t rows() const { return rows_; }
  std::size_t units() const { return units_; }

 private:
  ThreadPool& threads_;
  const float* x_;
  std::size_t units_, rows_;
  std::vector<float> means_;
};

Step value(const Lowering& l) {
  return [means = UnitMeans(l), y = l.output<float>(), target = l.node.attributes.number("target"),
          weight = l.node.attributes.number("weight")]() mutable {
    double sum = 0;
    for (const double m : means())
      sum += target * std::log(target / m) + (1 - target) * std::log((1 - target) / (1 - m));
    *y = static_cast<float>(weight * sum);
  };
}

Step gradient(const Lowering& l) {
  return [&threads = l.threads, means = UnitMeans(l), dx = l.output<float>(),
          target = static_cast<float>(l.node.attributes.number("target")),
          weight = static_cast<float>(l.node.attributes.number("weight")),
          slopes = std::vector<float>()]() mutable {
    slopes = means();
    const float factor = weight / static_cast<float>(means.rows());
    for (float& m : slopes) m = factor * ((1 - target) / (1 - m) - target / m);
    for_rows(threads, means.rows(), means.units(), [&](std::size_t first, std::size_t count) {
      for (std::size_t r = first; r < first + count; ++r)
        std::ranges::copy(slopes, dx + r * slopes.size());
    });
  };
}

}  // namespace

std::span<const Kernel> kl_penalty() {
  static const Kernel all[] = {{"kl_penalty", value}, {"kl_penalty_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
