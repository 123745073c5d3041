#include "rectify/pretrain/principal.h"

#include <Eigen/Dense>
#include <algorithm>
#include <numeric>

#include "rectify/run/plan.h"

namespace rectify::pretrain {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

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
Matrix moments_of(const data::Split& split, std::span<const std::uint32_t> samples,
                  std::span<const data::Scaling> scalings, const std::vector<double>& mean,
                  ThreadPool& threads) {
  const std::size_t features = mean.size();
  graph::Graph graph;
  const auto x = graph.add_input({.shape = Shape{static_cast<std::int64_t>(features)}}, "input");
  graph.result = graph.add("dense_weight_gradient", {x, x});
  const run::ParameterLayout layout(graph);
  Buffer none(layout.floats());
  Matrix sum = Matrix::Zero(mean.size(), mean.size());
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
      sum +=
          Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
              plan.value(graph.result).data(), sum.rows(), sum.cols())
              .cast<double>();
    }
  }
  return sum;
}

}  // namespace

double principal_error(const data::Dataset& dataset, std::span<const std::uint32_t> train,
                       std::span<const data::Scaling> scalings, std::int64_t components,
                       ThreadPool& threads) {
  const std::vector<double> mean = mean_of(dataset.train, dataset.features(), train, scalings);
  const Eigen::SelfAdjointEigenSolver<Matrix> solved(
      moments_of(dataset.train, train, scalings, mean, threads));
  std::vector<std::uint32_t> all(dataset.test.count);
  std::iota(all.begin(), all.end(), 0u);
  const Matrix test = moments_of(dataset.test, all, scalings, mean, threads);
  // The components stand last, for eigenvalues ascend. What they do not hold is what is left.
  const Eigen::Index left = std::max<Eigen::Index>(0, test.rows() - components);
  double error = 0;
  for (Eigen::Index k = 0; k < left; ++k) {
    const auto axis = solved.eigenvectors().col(k);
    error += axis.dot(test * axis);
  }
  return error / static_cast<double>(all.size() * mean.size());
}

}  // namespace rectify::pretrain
