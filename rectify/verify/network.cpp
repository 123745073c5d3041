#include "rectify/verify/network.h"

#include <algorithm>

namespace rectify::verify {

Matrix Matrix::of_dense(std::size_t in, std::size_t out, std::vector<double> numbers) {
  Matrix matrix;
  matrix.in = in, matrix.out = out, matrix.dense = std::move(numbers);
  return matrix;
}

// Entries of the same place are added.
Matrix Matrix::of_entries(std::size_t in, std::size_t out, std::vector<Entry> entries) {
  std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
    return a.in != b.in ? a.in < b.in : a.out < b.out;
  });
  Matrix matrix;
  matrix.in = in, matrix.out = out;
  matrix.begin.assign(in + 1, 0);
  for (const Entry& entry : entries) {
    ++matrix.begin[entry.in + 1];
    matrix.index.push_back(entry.out), matrix.weight.push_back(entry.weight);
  }
  for (std::size_t i = 0; i < in; ++i) matrix.begin[i + 1] += matrix.begin[i];
  return matrix;
}

Matrix Matrix::of_diagonal(const std::vector<double>& factors) {
  std::vector<Entry> entries;
  for (std::uint32_t i = 0; i < factors.size(); ++i) entries.push_back({i, i, factors[i]});
  return of_entries(factors.size(), factors.size(), std::move(entries));
}

bool Network::has_curves() const {
  return std::ranges::any_of(layers, [](const Layer& layer) { return layer.kind == Kind::smooth; });
}

double Network::additions() const {
  double sum = 0;
  for (const Layer& layer : layers)
    sum += static_cast<double>(layer.width * (1 + layer.terms.size()) + 16);
  return sum;
}

// 12 to spare: the bias, a batch norm that is folded into a layer's weights, and what follows.
double float_rounding(double n) {
  const double nu = (n + 12) * 0x1p-24;
  return nu / (1 - nu);
}
double float_underflow(double n) { return (n + 12) * 0x1p-126; }

namespace {

/// Adds what input i of a matrix, x, gives.
void add_input(const Matrix& matrix, std::size_t i, double x, std::vector<double>& to) {
  if (matrix.dense.empty()) {
    matrix.each(i, [&](std::size_t o, double w) { to[o] += w * x; });
    return;
  }
  const double* weights = matrix.dense.data() + i * matrix.out;
  double* out = to.data();
  for (std::size_t o = 0; o < matrix.out; ++o) out[o] += weights[o] * x;
}

}  // namespace

std::vector<std::vector<double>> numbers_at(const Network& network, std::span<const double> input) {
  std::vector<std::vector<double>> at(network.layers.size());
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    if (layer.kind == Kind::input) {
      at[l].assign(input.begin(), input.end());
    } else if (layer.kind == Kind::affine) {
      at[l] = layer.bias;
      for (const Layer::Term& term : layer.terms)
        for (std::size_t i = 0; i < term.matrix.in; ++i)
          if (const double x = at[term.from][i]; x != 0) add_input(term.matrix, i, x, at[l]);
    } else {
      for (const double x : at[layer.source])
        at[l].push_back(layer.kind == Kind::relu ? std::max(0.0, x) : layer.curve->value(x));
    }
  }
  return at;
}

std::vector<double> outputs_at(const Network& network, std::span<const double> input) {
  return std::move(numbers_at(network, input).back());
}

}  // namespace rectify::verify
