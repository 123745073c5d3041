#include "rectify/pretrain/rows.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "rectify/run/plan.h"

namespace rectify::pretrain {

Rows::Rows(const data::Dataset& dataset, const data::Normalisation& normalisation)
    : dataset_(&dataset), normalisation_(&normalisation), width_(dataset.features()) {}

Rows::Rows(std::vector<float> numbers, std::size_t width)
    : numbers_(std::move(numbers)), width_(width) {}

std::size_t Rows::count() const {
  return dataset_ ? dataset_->train.count : numbers_.size() / width_;
}

void Rows::copy(std::span<const std::uint32_t> samples, float* to) const {
  if (dataset_) return data::gather(dataset_->train, width_, samples, normalisation_->inputs, to);
  for (const std::uint32_t sample : samples)
    to = std::copy_n(numbers_.data() + sample * width_, width_, to);
}

std::vector<float> Rows::of(std::span<const std::uint32_t> samples) const {
  std::vector<float> rows(samples.size() * width_);
  copy(samples, rows.data());
  return rows;
}

std::vector<double> Rows::mean(std::span<const std::uint32_t> samples) const {
  std::vector<double> mean(width_);
  std::vector<float> row(width_);
  for (const std::uint32_t& sample : samples) {
    copy({&sample, 1}, row.data());
    for (std::size_t i = 0; i < width_; ++i) mean[i] += row[i];
  }
  for (double& m : mean) m /= static_cast<double>(samples.size());
  return mean;
}

Rows::Extent Rows::extent(std::span<const std::uint32_t> samples) const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Extent extent{infinity, -infinity, 0};
  std::vector<float> row(width_);
  for (const std::uint32_t& sample : samples) {
    copy({&sample, 1}, row.data());
    for (const double x : row) {
      extent.low = std::min(extent.low, x);
      extent.high = std::max(extent.high, x);
      extent.power += x * x;
    }
  }
  extent.power /= static_cast<double>(samples.size());
  return extent;
}

Rows Rows::through(const graph::Graph& network, const run::ParameterLayout& layout,
                   const float* parameters, ThreadPool& threads) const {
  const auto out = static_cast<std::size_t>(network.node(network.result).type.shape.size());
  std::vector<float> result(count() * out);
  std::vector<std::uint32_t> samples(count());
  std::iota(samples.begin(), samples.end(), 0u);
  constexpr std::size_t chunk = 500;
  for (std::size_t first = 0; first < count();) {
    const std::size_t n = std::min(chunk, count() - first);
    run::Plan plan(network, layout, const_cast<float*>(parameters), threads,
                   {.batch = static_cast<std::int64_t>(n), .keep = {network.result}});
    float* const input = plan.input(network.find("input"));
    for (; first + n <= count(); first += n) {
      copy(std::span(samples).subspan(first, n), input);
      plan.run({});
      std::ranges::copy(plan.value(network.result), result.data() + first * out);
    }
  }
  return {std::move(result), out};
}

}  // namespace rectify::pretrain
