#include "rectify/verify/backward_pass.h"

#include <algorithm>
#include <cmath>

namespace rectify::verify {

namespace {

/// More than all products that underflow in double precision can add up to.
constexpr double double_underflow = 0x1p-900;

}  // namespace

double size_between(double low, double high) { return std::max(std::abs(low), std::abs(high)); }

double Line::least(const Box& box) const {
  double sum = offset, size = std::abs(offset);
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const double term = slopes[i] * (slopes[i] >= 0 ? box.lower[i] : box.upper[i]);
    sum += term, size += std::abs(term);
  }
  return sum - size * static_cast<double>(slopes.size() + 4) * 0x1p-52 - double_underflow;
}

BackwardPass::BackwardPass(const NumberPlaces& places, const Known& known, std::size_t functions,
                           std::span<const double> below)
    : places_(places),
      layers_(places.network.layers),
      known_(known),
      below_(below),
      n_(functions),
      at_(layers_.size()),
      value_(n_),
      size_(n_),
      error_(n_) {}

void BackwardPass::add(std::size_t layer, std::size_t number, std::size_t function,
                       double coefficient) {
  const std::size_t place = places_.first[layer] + number;
  block(layer)[number * n_ + function] += coefficient;
  error_[function] += places_.rounding * std::abs(coefficient) *
                      size_between(known_.lower[place], known_.upper[place]);
}

void BackwardPass::add_constant(std::size_t function, double x) {
  value_[function] += x, size_[function] += std::abs(x);
}

void BackwardPass::run() {
  for (std::size_t l = at_.size(); l-- > 1;) {
    if (at_[l].empty()) continue;
    layers_[l].kind == Kind::affine ? through_affine(l) : through_relu(l);
  }
}

Line BackwardPass::line(std::size_t function) {
  const double* slopes = block(0);
  Line line;
  for (std::size_t i = 0; i < places_.network.inputs(); ++i)
    line.slopes.push_back(slopes[i * n_ + function]);
  line.offset = value_[function] - error_[function] * (1 + 0x1p-20) -
                places_.rounding * size_[function] - double_underflow;
  return line;
}

double* BackwardPass::block(std::size_t layer) {
  if (at_[layer].empty()) at_[layer].assign(layers_[layer].width * n_, 0.0);
  return at_[layer].data();
}

// y = matrix x + bias + e, where |e| is at most the layer's error, which covers the roundings of
// the new coefficients too.
void BackwardPass::through_affine(std::size_t l) {
  const Layer& layer = layers_[l];
  const double *a = at_[l].data(), *error = known_.error.data() + places_.first[l];
  std::vector<std::uint32_t> used;
  std::vector<char> is_used(layer.width);
  for (std::size_t o = 0; o < layer.width; ++o, a += n_) {
    if (std::all_of(a, a + n_, [](double x) { return x == 0; })) continue;
    used.push_back(static_cast<std::uint32_t>(o)), is_used[o] = 1;
    for (std::size_t f = 0; f < n_; ++f) {
      const double constant = a[f] * layer.bias[o];
      value_[f] += constant, size_[f] += std::abs(constant);
      error_[f] += std::abs(a[f]) * error[o];
    }
  }
  a = at_[l].data();
  for (const Layer::Term& term : layer.terms) {
    const double* upper = known_.upper.data() + places_.first[term.from];
    const bool of_relu = layers_[term.from].kind == Kind::relu;
    double* to = block(term.from);
    const Matrix& matrix = term.matrix;
    for (std::size_t i = 0; i < matrix.in; ++i, to += n_) {
      if (of_relu && upper[i] <= 0) continue;  // it is 0
      const auto add = [&](std::size_t o, double w) {
        for (std::size_t f = 0; f < n_; ++f) to[f] += w * a[o * n_ + f];
      };
      if (matrix.dense.empty())
        matrix.each(i, [&](std::size_t o, double w) {
          if (is_used[o]) add(o, w);
        });
      else
        for (const std::uint32_t o : used) add(o, matrix.dense[i * matrix.out + o]);
    }
  }
}

// y = max(0, x). Where x may be on both sides, a y with a >= 0 is at least a slope x for any
// slope in [0, 1]. One with a < 0 is at least a (slope x + offset), where that line is above y at
// both ends of x's range, and so between them.
void BackwardPass::through_relu(std::size_t l) {
  const std::size_t source = layers_[l].source;
  const double* a = at_[l].data();
  double* to = block(source);
  for (std::size_t i = 0; i < layers_[l].width; ++i, a += n_, to += n_) {
    const std::size_t place = places_.first[source] + i, own = places_.first[l] + i;
    const double low = known_.lower[place], high = known_.upper[place];
    if (high <= 0) continue;
    const double size = size_between(low, high);
    double below = low >= 0 || high > -low ? 1 : 0, above = 1, offset = 0;
    if (low < 0) {
      if (own < below_.size() && below_[own] >= 0) below = below_[own];
      above = high / (high - low);
      offset = std::max(-above * low, high - above * high) + size * 0x1p-50 + double_underflow;
    }
    for (std::size_t f = 0; f < n_; ++f) {
      const double constant = a[f] < 0 ? a[f] * offset : 0;
      to[f] += a[f] * (a[f] < 0 ? above : below);
      value_[f] += constant, size_[f] += std::abs(constant);
      error_[f] += places_.rounding * std::abs(a[f]) * size;
    }
  }
}

}  // namespace rectify::verify
