#include "rectify/pretrain/principal.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "rectify/base/symmetric_eigen.h"
#include "rectify/run/plan.h"

namespace rectify::pretrain {

namespace {

constexpr std::size_t chunk = 500;  // samples

std::vector<double> mean_of(const data::Split& split, std::size_t features,
                            std::span<const std::uint32_t> samples,
                            std::span<const data::Scaling> scalings) {
  std::vector<double> mean(features);
  std::vector<float> sample(features);
  for (const std::uint32_t& i : samples) {
    data::gather(split, features, {&i, 1}, scalings, sample.data());
    for (std::size_t k = 0; k < features; ++k)
      mean[k] += sample[k] / static_cast<double>(samples.size());
  }
  return mean;
}

/// The sum of (x - mean)^T (x - mean) over the samples x, by the product of a weight's gradient.
std::vector<double> moments_of(const data::Split& split, std::span<const std::uint32_t> samples,
                               std::span<const data::Scaling> scalings,
                               const std::vector<double>& mean, ThreadPool& threads) {
  const std::size_t features = mean.size();
  graph::Graph graph;
  const auto x = graph.add_input({.shape = Shape{static_cast<std::int64_t>(features)}}, "input");
  graph.result = graph.add("dense_weight_gradient", {x, x});
  const run::ParameterLayout layout(graph);
  Buffer none(layout.floats());
  std::vector<double> sum(features * features);
  for (std::size_t first = 0; first < samples.size();) {
    const std::size_t n = std::min(chunk, samples.size() - first);
    run::Plan plan(graph, layout, none.data(), threads,
                   {.batch = static_cast<std::int64_t>(n), .keep = {graph.result}});
    for (; first + n <= samples.size(); first += n) {
      float* const input = plan.input(x);
      data::gather(split, features, samples.subspan(first, n), scalings, input);
      for (std::size_t i = 0; i < n * features; ++i)
        input[i] -= static_cast<float>(mean[i % features]);
      plan.run({});
      const std::span<const float> part = plan.value(graph.result);
      std::transform(sum.begin(), sum.end(), part.begin(), sum.begin(), std::plus<double>());
    }
  }
  return sum;
}

/// a' M a.
double quadratic_form(std::span<const double> matrix, std::span<const double> axis) {
  std::vector<double> image(axis.size());
  for (std::size_t i = 0; i < axis.size(); ++i)
    for (std::size_t k = 0; k < axis.size(); ++k) image[k] += axis[i] * matrix[i * axis.size() + k];
  return std::inner_product(axis.begin(), axis.end(), image.begin(), 0.0);
}

}  // namespace

double principal_error(const data::Dataset& dataset, std::span<const std::uint32_t> train,
                       std::span<const data::Scaling> scalings, std::int64_t components,
                       ThreadPool& threads) {
  const std::vector<double> mean = mean_of(dataset.train, dataset.features(), train, scalings);
  const SymmetricEigen solved =
      symmetric_eigen(moments_of(dataset.train, train, scalings, mean, threads), mean.size());
  std::vector<std::uint32_t> all(dataset.test.count);
  std::iota(all.begin(), all.end(), 0u);
  const std::vector<double> test = moments_of(dataset.test, all, scalings, mean, threads);
  // The components stand last, for eigenvalues ascend. What they do not hold is what is left.
  const std::int64_t left = static_cast<std::int64_t>(mean.size()) - components;
  double error = 0;
  for (std::int64_t k = 0; k < left; ++k)
    error += quadratic_form(test, solved.axis(static_cast<std::size_t>(k)));
  return error / static_cast<double>(all.size() * mean.size());
}

}  // namespace rectify::pretrain
