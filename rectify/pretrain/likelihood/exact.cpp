#include "rectify/pretrain/likelihood/exact.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rectify/base/error.h"
#include "rectify/pretrain/likelihood/enumeration.h"

namespace rectify::pretrain {

namespace {

/// The logarithm of a sum of exponentials that come one after the other.
class LogSum {
 public:
  void add(double log_weight) {
    if (log_weight > top_) {
      sum_ = sum_ * std::exp(top_ - log_weight) + 1;
      top_ = log_weight;
    } else {
      sum_ += std::exp(log_weight - top_);
    }
  }
  double value() const { return top_ + std::log(sum_); }

 private:
  double top_ = -std::numeric_limits<double>::infinity(), sum_ = 0;
};

bool is_one_normal_distribution(const Machine& machine) {
  return machine.visible->name == "gaussian" && machine.hidden->name == "gaussian";
}

/// I - W^T W, its lower triangle.
std::vector<double> precision_of_hidden(const Machine& machine, ThreadPool& threads) {
  const std::size_t d = machine.visible_units(), h = machine.hidden_units();
  std::vector<double> matrix(h * h);
  threads.run(h, [&](std::size_t j) {
    for (std::size_t k = 0; k <= j; ++k) {
      double sum = j == k;
      for (std::size_t i = 0; i < d; ++i)
        sum -= static_cast<double>(machine.weight[i * h + j]) * machine.weight[i * h + k];
      matrix[j * h + k] = sum;
    }
  });
  return matrix;
}

/// The integral of exp(-(v - b)²/2 + |v W + c|²/2), by a Cholesky factor L of I - W^T W: with
/// t = b W + c it is (2 pi)^(d/2) exp(|L^-1 t|²/2) / det L.
double log_normal_integral(const Machine& machine, ThreadPool& threads) {
  const std::size_t d = machine.visible_units(), h = machine.hidden_units();
  std::vector<double> l = precision_of_hidden(machine, threads);
  double log_z = static_cast<double>(d) * std::log(2 * std::numbers::pi) / 2;
  std::vector<double> y(h);
  for (std::size_t j = 0; j < h; ++j) {
    y[j] = machine.hidden_bias[j];
    for (std::size_t i = 0; i < d; ++i)
      y[j] += static_cast<double>(machine.visible_bias[i]) * machine.weight[i * h + j];
    for (std::size_t k = 0; k <= j; ++k) {
      for (std::size_t m = 0; m < k; ++m) l[j * h + k] -= l[j * h + m] * l[k * h + m];
      if (k < j) l[j * h + k] /= l[k * h + k];
    }
    if (!(l[j * h + j] > 0))
      fail(
          "the machine has no partition function: a singular value of its weights is 1 or more, "
          "and gaussian units on both sides then grow without bound; train with a lower rate or "
          "more weight decay");
    l[j * h + j] = std::sqrt(l[j * h + j]);
    for (std::size_t m = 0; m < j; ++m) y[j] -= l[j * h + m] * y[m];
    y[j] /= l[j * h + j];
    log_z += y[j] * y[j] / 2 - std::log(l[j * h + j]);
  }
  return log_z;
}

/// sums[i][j] += factor x a[i] b[j] and so on, for rows of visible and hidden means.
void add_statistics(LikelihoodGradient& sums, std::span<const double> factors,
                    std::span<const double> visible, std::span<const double> hidden,
                    ThreadPool& threads) {
  const std::size_t d = sums.visible_bias.size(), h = sums.hidden_bias.size();
  threads.run(d, [&](std::size_t i) {
    for (std::size_t r = 0; r < factors.size(); ++r) {
      const double v = factors[r] * visible[r * d + i];
      sums.visible_bias[i] += v;
      for (std::size_t j = 0; j < h; ++j) sums.weight[i * h + j] += v * hidden[r * h + j];
    }
  });
  for (std::size_t r = 0; r < factors.size(); ++r)
    for (std::size_t j = 0; j < h; ++j) sums.hidden_bias[j] += factors[r] * hidden[r * h + j];
}

std::vector<double> hidden_means(const Machine& machine, std::span<const float> inputs) {
  const std::size_t h = machine.hidden_units();
  const HiddenLayer layer(machine);
  std::vector<double> means(inputs.size());
  for (std::size_t first = 0; first < inputs.size(); first += h)
    layer.mean(inputs.subspan(first, h), std::span(means).subspan(first, h));
  return means;
}

std::vector<double> visible_means(const Machine& machine, std::span<const float> inputs) {
  std::vector<double> means;
  for (const float x : inputs) means.push_back(machine.visible->mean(x, 1));
  return means;
}

/// From the machine of v' = v / s, W' = W / s and b' = b / s: a derivative in W or b is that in W'
/// or b' over s. The logarithm z of s² changes W', b' and v' by -1/2 of themselves, and ln p(v) by
/// -1/2 for the density of v in place of v'.
LikelihoodGradient gradient_with_variances(const Machine& machine, std::span<const float> visible,
                                           ThreadPool& threads) {
  const Machine standard = standardised(machine);
  const std::vector<float> rows = standardised_rows(machine, visible);
  const std::size_t d = machine.visible_units(), h = machine.hidden_units();
  LikelihoodGradient gradient = exact_gradient(standard, rows, threads);
  const std::vector<double> hidden = hidden_means(standard, hidden_inputs(standard, rows, threads));
  const std::size_t count = rows.size() / d;
  for (std::size_t i = 0; i < d; ++i) {
    const double b = standard.visible_bias[i];
    double sum = 1 + b * gradient.visible_bias[i];
    for (std::size_t j = 0; j < h; ++j)
      sum += static_cast<double>(standard.weight[i * h + j]) * gradient.weight[i * h + j];
    for (std::size_t r = 0; r < count; ++r) {
      const double v = rows[r * d + i];
      double up = b - v;  // of ln p in v'
      for (std::size_t j = 0; j < h; ++j)
        up += static_cast<double>(standard.weight[i * h + j]) * hidden[r * h + j];
      sum += v * up / static_cast<double>(count);
    }
    gradient.log_variance.push_back(-sum / 2);
    const double s = std::sqrt(static_cast<double>(machine.variance[i]));
    gradient.visible_bias[i] /= s;
    for (std::size_t j = 0; j < h; ++j) gradient.weight[i * h + j] /= s;
  }
  return gradient;
}

}  // namespace

bool has_exact_log_partition(const Machine& machine) {
  return is_one_normal_distribution(machine) || Enumeration::possible(machine);
}

double exact_log_partition(const Machine& machine, ThreadPool& threads) {
  if (!machine.variance.empty())
    return exact_log_partition(standardised(machine), threads) + log_deviations(machine);
  if (is_one_normal_distribution(machine)) return log_normal_integral(machine, threads);
  LogSum sum;
  Enumeration(machine, threads).visit([&](const Enumeration::Chunk& chunk) {
    for (const double weight : chunk.log_weights) sum.add(weight);
  });
  return sum.value();
}

LikelihoodGradient exact_gradient(const Machine& machine, std::span<const float> visible,
                                  ThreadPool& threads) {
  if (!machine.variance.empty()) return gradient_with_variances(machine, visible, threads);
  const std::size_t d = machine.visible_units(), h = machine.hidden_units();
  LikelihoodGradient sums{std::vector<double>(d * h), std::vector<double>(d),
                          std::vector<double>(h)};
  const std::size_t rows = visible.size() / d;
  add_statistics(sums, std::vector<double>(rows, 1 / static_cast<double>(rows)),
                 std::vector<double>(visible.begin(), visible.end()),
                 hidden_means(machine, hidden_inputs(machine, visible, threads)), threads);
  const double log_z = exact_log_partition(machine, threads);
  Enumeration all(machine, threads);
  all.visit([&](const Enumeration::Chunk& chunk) {
    std::vector<double> factors;
    for (const double weight : chunk.log_weights) factors.push_back(-std::exp(weight - log_z));
    const std::vector<double> units(chunk.units.begin(), chunk.units.end());
    if (all.of_hidden())
      add_statistics(sums, factors, visible_means(machine, chunk.inputs), units, threads);
    else
      add_statistics(sums, factors, units, hidden_means(machine, chunk.inputs), threads);
  });
  return sums;
}

}  // namespace rectify::pretrain
