#include "rectify/verify/combine.h"

#include <algorithm>
#include <cmath>

namespace rectify::verify {

namespace {

/// More than the roundings of the few operations that it is used for.
constexpr double a_little = 0x1p-40;

/// Maximises the sum over r of weight[r] value[r] - the sum over i of |the sum over r of weight[r]
/// slope[r][i]|, where weights are at least 0 and sum to 1; or where weight 0 is 1 and the others
/// are at least 0. Columns: the weights, then for each i
/// the positive and the negative part of what stands between the bars, then the right-hand side.
class Simplex {
 public:
  /// `slopes`: functions x inputs.
  Simplex(std::span<const double> values, std::span<const double> slopes, bool first_is_one)
      : functions_(values.size()),
        inputs_(slopes.size() / values.size()),
        columns_(functions_ + 2 * inputs_ + 1),
        table_((inputs_ + 2) * columns_),
        basis_(inputs_ + 1) {
    // Weight 0 is 1, and all parts follow from it: a first solution.
    for (std::size_t i = 0; i < inputs_; ++i) {
      double* row = table_.data() + i * columns_;
      const double first = slopes[i], sign = first >= 0 ? 1 : -1;
      for (std::size_t r = 1; r < functions_; ++r)
        row[r] = -sign * (slopes[r * inputs_ + i] - (first_is_one ? 0 : first));
      row[functions_ + 2 * i] = sign, row[functions_ + 2 * i + 1] = -sign;
      row[columns_ - 1] = sign * first;
      basis_[i] = functions_ + 2 * i + (first >= 0 ? 0 : 1);
    }
    double* one = table_.data() + inputs_ * columns_;
    std::fill_n(one, first_is_one ? 1 : functions_, 1.0);
    one[columns_ - 1] = 1, basis_[inputs_] = 0;
    // The last row is what a column adds to the objective.
    double* gain = one + columns_;
    for (std::size_t r = 0; r < functions_; ++r) gain[r] = values[r];
    for (std::size_t c = functions_; c + 1 < columns_; ++c) gain[c] = -1;
    for (std::size_t i = 0; i <= inputs_; ++i) {
      const double of_basis = basis_[i] < functions_ ? values[basis_[i]] : -1;
      for (std::size_t c = 0; c < columns_; ++c) gain[c] -= of_basis * table_[i * columns_ + c];
    }
  }

  void run() {
    for (std::size_t step = 0; step < 20 + 4 * (functions_ + inputs_); ++step)
      if (!improve()) return;
  }

  std::vector<double> weights() const {
    std::vector<double> all(functions_);
    for (std::size_t i = 0; i <= inputs_; ++i)
      if (basis_[i] < functions_)
        all[basis_[i]] = std::max(0.0, table_[i * columns_ + columns_ - 1]);
    return all;
  }

  /// The place in [-1, 1] of the input i of the dual solution.
  double place(std::size_t i) const {
    return -std::clamp(1 + table_[(inputs_ + 1) * columns_ + functions_ + 2 * i], -1.0, 1.0);
  }

 private:
  bool improve() {
    const double* gain = table_.data() + (inputs_ + 1) * columns_;
    const std::size_t in =
        static_cast<std::size_t>(std::max_element(gain, gain + columns_ - 1) - gain);
    if (gain[in] < 1e-12) return false;
    std::size_t out = inputs_ + 1;
    double least = 0;
    for (std::size_t i = 0; i <= inputs_; ++i) {
      const double* row = table_.data() + i * columns_;
      if (row[in] < 1e-11) continue;
      const double ratio = row[columns_ - 1] / row[in];
      if (out > inputs_ || ratio < least) out = i, least = ratio;
    }
    if (out > inputs_) return false;
    double* pivot = table_.data() + out * columns_;
    const double by = 1 / pivot[in];
    for (std::size_t c = 0; c < columns_; ++c) pivot[c] *= by;
    for (std::size_t i = 0; i <= inputs_ + 1; ++i) {
      double* row = table_.data() + i * columns_;
      const double factor = row[in];
      if (i == out || factor == 0) continue;
      for (std::size_t c = 0; c < columns_; ++c) row[c] -= factor * pivot[c];
    }
    basis_[out] = in;
    return true;
  }

  std::size_t functions_, inputs_, columns_;
  std::vector<double> table_;
  std::vector<std::size_t> basis_;
};

/// A number that the weighted sum of the functions less their bounds is not below on the whole box.
double weighted_least(const Box& box, const LowerBounds& bounds, std::span<const double> weights) {
  const std::size_t inputs = box.lower.size();
  double sum = 0, size = 0;
  std::vector<double> slope(inputs);
  for (std::size_t r = 0; r < bounds.count; ++r) {
    if (weights[r] == 0) continue;
    const std::span<const double> slopes = bounds.slopes_of(r, inputs);
    double least = 0;
    for (std::size_t i = 0; i < inputs; ++i) {
      const double end = slopes[i] >= 0 ? box.lower[i] : box.upper[i];
      least += slopes[i] * end;
      size += weights[r] * std::abs(slopes[i]) *
              std::max(std::abs(box.lower[i]), std::abs(box.upper[i]));
      slope[i] += weights[r] * slopes[i];
    }
    sum += weights[r] * (bounds.lower[r] - bounds.bound[r] - least);
    size += weights[r] * (std::abs(bounds.lower[r]) + std::abs(bounds.bound[r]));
  }
  for (std::size_t i = 0; i < inputs; ++i)
    sum += slope[i] * (slope[i] >= 0 ? box.lower[i] : box.upper[i]);
  const double terms = static_cast<double>(inputs + bounds.count + 8);
  return sum - 8 * terms * 0x1p-53 * size;
}

/// The weights that make the weighted sum's least value as large as it can be.
Simplex solved(const Box& box, const LowerBounds& bounds, bool first_is_one) {
  const std::size_t inputs = box.lower.size();
  std::vector<double> values(bounds.count), slopes(bounds.count * inputs);
  for (std::size_t r = 0; r < bounds.count; ++r) {
    values[r] = bounds.lower[r] - bounds.bound[r];
    for (std::size_t i = 0; i < inputs; ++i) {
      const double half = (box.upper[i] - box.lower[i]) / 2;
      slopes[r * inputs + i] = bounds.slopes[r * inputs + i] * half;
      values[r] += std::abs(slopes[r * inputs + i]);
    }
  }
  Simplex simplex(values, slopes, first_is_one);
  simplex.run();
  return simplex;
}

}  // namespace

bool clip(const Box& box, const LowerBounds& bounds, std::size_t r, Box& left) {
  const std::span<const double> slopes = bounds.slopes_of(r, box.lower.size());
  const auto least_distance = [&](std::size_t i) {
    return slopes[i] > 0 ? left.lower[i] - box.lower[i] : box.upper[i] - left.upper[i];
  };
  double room = bounds.bound[r] - bounds.lower[r];
  const double slack = a_little * (std::abs(bounds.bound[r]) + std::abs(bounds.lower[r]));
  for (std::size_t i = 0; i < slopes.size(); ++i)
    room -= std::abs(slopes[i]) * least_distance(i) * (1 - a_little);
  room += slack;
  if (room < 0) return false;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    if (slopes[i] == 0) continue;
    const double end = std::max(std::abs(box.lower[i]), std::abs(box.upper[i]));
    const double most =
        (least_distance(i) + room / std::abs(slopes[i])) * (1 + a_little) + a_little * end;
    if (slopes[i] > 0)
      left.upper[i] = std::min(left.upper[i], box.lower[i] + most);
    else
      left.lower[i] = std::max(left.lower[i], box.upper[i] - most);
    if (left.lower[i] > left.upper[i]) return false;
  }
  return true;
}

Combination combine(const Box& box, const LowerBounds& bounds) {
  const Simplex simplex = solved(box, bounds, false);
  Combination found;
  found.weights = simplex.weights();
  found.is_empty = weighted_least(box, bounds, found.weights) > 0;
  for (std::size_t i = 0; i < box.lower.size(); ++i)
    found.x.push_back((box.lower[i] + box.upper[i]) / 2 +
                      (box.upper[i] - box.lower[i]) / 2 * simplex.place(i));
  return found;
}

// The first function is x[i] or -x[i]; what is added to it is at most 0 wherever all functions are
// at or below their bounds.
bool tighten(const Box& box, const LowerBounds& bounds, Box& left) {
  const std::size_t inputs = box.lower.size();
  LowerBounds with_axis;
  with_axis.count = bounds.count + 1;
  with_axis.slopes.assign(inputs, 0.0);
  with_axis.slopes.insert(with_axis.slopes.end(), bounds.slopes.begin(), bounds.slopes.end());
  with_axis.lower = bounds.lower, with_axis.bound = bounds.bound;
  with_axis.lower.insert(with_axis.lower.begin(), 0),
      with_axis.bound.insert(with_axis.bound.begin(), 0);
  for (std::size_t i = 0; i < inputs; ++i) {
    for (const double sign : {1.0, -1.0}) {
      with_axis.slopes[i] = sign;
      with_axis.lower[0] = sign > 0 ? box.lower[i] : -box.upper[i];
      const double least = weighted_least(box, with_axis, solved(box, with_axis, true).weights());
      if (sign > 0)
        left.lower[i] = std::max(left.lower[i], least);
      else
        left.upper[i] = std::min(left.upper[i], -least);
    }
    with_axis.slopes[i] = 0;
    if (left.lower[i] > left.upper[i]) return false;
  }
  return true;
}

}  // namespace rectify::verify
