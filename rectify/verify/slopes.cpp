#include "rectify/verify/slopes.h"

#include <algorithm>
#include <cmath>

namespace rectify::verify {

namespace {

/// Slopes in inputs that are bounded together.
constexpr std::size_t slopes_at_once = 64;

Matrix transposed(const Matrix& matrix) {
  if (matrix.dense.empty()) {
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < matrix.in; ++i)
      matrix.each(i, [&](std::size_t o, double w) {
        entries.push_back({static_cast<std::uint32_t>(o), static_cast<std::uint32_t>(i), w});
      });
    return Matrix::of_entries(matrix.out, matrix.in, std::move(entries));
  }
  std::vector<double> numbers(matrix.dense.size());
  for (std::size_t i = 0; i < matrix.in; ++i)
    for (std::size_t o = 0; o < matrix.out; ++o)
      numbers[o * matrix.in + i] = matrix.dense[i * matrix.out + o];
  return Matrix::of_dense(matrix.out, matrix.in, std::move(numbers));
}

bool is_activation(const Layer& layer) {
  return layer.kind == Kind::relu || layer.kind == Kind::smooth;
}

/// Where the slope of an activation lies for numbers from low to high.
activation::Interval factor_of(const Layer& layer, double low, double high) {
  if (layer.kind == Kind::smooth) return layer.curve->slopes(low, high);
  if (high <= 0) return {0, 0};
  return {low >= 0 ? 1.0 : 0.0, 1};
}

}  // namespace

// From the outputs to the inputs. What reads a layer stands after it, so its slopes are known.
SlopeNetwork::SlopeNetwork(const Network& of)
    : of(of), place(of.layers.size()), gate(of.layers.size()) {
  const std::size_t last = of.layers.size() - 1;
  Layer start;
  start.width = of.layers[last].width;
  network.layers.push_back(std::move(start));
  for (std::size_t l = last; l-- > 0;) {
    Layer sum;
    sum.kind = Kind::affine, sum.width = of.layers[l].width, sum.bias.resize(sum.width);
    std::size_t only_gate = Structure::none;
    for (std::size_t r = l + 1; r <= last; ++r) {
      const Layer& reader = of.layers[r];
      if (is_activation(reader) && reader.source == l) {
        const std::vector<double> ones(sum.width, 1.0);
        sum.terms.push_back({only_gate = gate[r], Matrix::of_diagonal(ones)});
      }
      for (const Layer::Term& term : reader.terms)
        if (term.from == l) sum.terms.push_back({place[r], transposed(term.matrix)});
    }
    // A layer that an activation alone reads has the gate's numbers, as they are.
    if (l > 0 && sum.terms.size() == 1 && only_gate != Structure::none) {
      place[l] = only_gate;
    } else {
      place[l] = network.layers.size();
      network.layers.push_back(std::move(sum));
    }
    if (!is_activation(of.layers[l])) continue;
    Layer factors;
    factors.kind = Kind::gate, factors.width = of.layers[l].width, factors.source = place[l];
    gate[l] = network.layers.size();
    network.layers.push_back(std::move(factors));
  }
  structure = std::make_unique<const Structure>(network);
}

Network derivative_of(const Network& network) {
  Network derivative = without_rounding(network);
  for (Layer& layer : derivative.layers) {
    std::ranges::fill(layer.bias, 0.0);
    if (is_activation(layer)) layer.kind = Kind::gate;
  }
  return derivative;
}

SlopeBounder::SlopeBounder(const Structure& structure, const SlopeNetwork& slopes)
    : structure_(structure),
      slopes_(slopes),
      bounder_(*slopes.structure),
      ranges_(bounder_.unknown()),
      factors_(slopes.of.layers.size()) {}

void SlopeBounder::narrow(const Ranges& ranges, std::span<const double> coefficients) {
  for (std::size_t l = 0; l < factors_.size(); ++l) {
    const Layer& layer = slopes_.of.layers[l];
    if (!is_activation(layer)) continue;
    const std::size_t from = structure_.first[layer.source];
    factors_[l].clear();
    for (std::size_t i = 0; i < layer.width; ++i)
      factors_[l].push_back(factor_of(layer, ranges.lower[from + i], ranges.upper[from + i]));
    bounder_.set_factors(slopes_.gate[l], factors_[l]);
  }
  const std::vector<double> start(coefficients.begin(), coefficients.end());
  ranges_ = bounder_.unknown();
  bounder_.narrow({start, start}, ranges_);
}

std::vector<activation::Interval> SlopeBounder::slopes(std::span<const std::uint32_t> inputs) {
  std::vector<activation::Interval> all;
  const std::size_t width = slopes_.of.inputs(), first = slopes_.structure->first[slopes_.place[0]];
  for (std::size_t done = 0; done < inputs.size(); done += slopes_at_once) {
    const auto some = inputs.subspan(done, std::min(slopes_at_once, inputs.size() - done));
    std::vector<double> rows(2 * some.size() * width);
    for (std::size_t k = 0; k < some.size(); ++k)
      rows[2 * k * width + some[k]] = 1, rows[(2 * k + 1) * width + some[k]] = -1;
    LowerBounds bounds;
    bounder_.bound(ranges_, rows, {}, bounds);
    for (std::size_t k = 0; k < some.size(); ++k)
      all.push_back({std::max(bounds.lower[2 * k], ranges_.lower[first + some[k]]),
                     std::min(-bounds.lower[2 * k + 1], ranges_.upper[first + some[k]])});
  }
  return all;
}

std::span<const double> SlopeBounder::sizes(std::size_t layer) const {
  return bounder_.states()[slopes_.place[layer]].size;
}

// The middle and half the width of the derivative of each number along the direction, times what
// the number's gate passes on of the outputs' slopes.
void SlopeBounder::estimate(std::span<const double> direction, std::span<double> scores) const {
  const std::vector<Layer>& layers = slopes_.of.layers;
  std::vector<std::vector<double>> middle(layers.size()), radius(layers.size());
  std::ranges::fill(scores, 0.0);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Layer& layer = layers[l];
    middle[l].resize(layer.width), radius[l].resize(layer.width);
    if (layer.kind == Kind::input) {
      std::ranges::copy(direction, middle[l].begin());
    } else if (layer.kind == Kind::affine) {
      for (const Layer::Term& term : layer.terms)
        for (std::size_t i = 0; i < term.matrix.in; ++i) {
          const double m = middle[term.from][i], r = radius[term.from][i];
          if (m == 0 && r == 0) continue;
          term.matrix.each(i, [&](std::size_t o, double w) {
            middle[l][o] += w * m, radius[l][o] += std::abs(w) * r;
          });
        }
    } else {
      const std::span<const double> passed = sizes(l);
      for (std::size_t i = 0; i < layer.width; ++i) {
        const auto [a, b] = factors_[l][i];
        const double m = middle[layer.source][i], r = radius[layer.source][i];
        middle[l][i] = m * (a + b) / 2;
        radius[l][i] = r * std::max(std::abs(a), std::abs(b)) + std::abs(m) * (b - a) / 2;
        if (a < b)
          scores[structure_.first[layer.source] + i] += (b - a) * (std::abs(m) + r) * passed[i];
      }
    }
  }
}

// What is off in a number changes the output by at most the largest slope in this number.
OutputErrors output_errors(const Structure& structure, const Bounder& bounder,
                           const SlopeBounder& slopes) {
  constexpr double spare = 1 + 1e-10;
  OutputErrors sum;
  for (std::size_t l = 0; l < structure.network.layers.size(); ++l) {
    const Layer& layer = structure.network.layers[l];
    if (layer.kind != Kind::affine && layer.kind != Kind::smooth) continue;
    const std::span<const double> sizes = slopes.sizes(l), errors = bounder.states()[l].error;
    for (std::size_t i = 0; i < layer.width; ++i) {
      const double error = sizes[i] * errors[i] * spare;
      sum.single += error;
      // A curve's value in double precision is off by some units in the last place.
      sum.doubled += layer.kind == Kind::smooth
                         ? error * 0x1p-24
                         : error * structure.share / (layer.rounding + structure.share);
    }
  }
  return sum;
}

Network without_rounding(Network network) {
  for (Layer& layer : network.layers)
    layer.rounding = layer.least = 0, layer.growth = 1, layer.more_error = {};
  return network;
}

std::vector<double> slopes_at(const Network& network, std::span<const double> x,
                              std::span<const double> coefficients) {
  const std::vector<std::vector<double>> at = numbers_at(network, x);
  std::vector<std::vector<double>> slope(at.size());
  for (std::size_t l = 0; l < at.size(); ++l) slope[l].resize(at[l].size());
  std::ranges::copy(coefficients, slope.back().begin());
  for (std::size_t l = at.size(); l-- > 1;) {
    const Layer& layer = network.layers[l];
    if (layer.kind != Kind::affine) {
      for (std::size_t i = 0; i < layer.width; ++i) {
        const double x = at[layer.source][i];
        const double factor = layer.kind == Kind::smooth ? layer.curve->slope(x) : x > 0;
        slope[layer.source][i] += factor * slope[l][i];
      }
      continue;
    }
    for (const Layer::Term& term : layer.terms)
      for (std::size_t i = 0; i < term.matrix.in; ++i) {
        double sum = 0;
        term.matrix.each(i, [&](std::size_t o, double w) { sum += w * slope[l][o]; });
        slope[term.from][i] += sum;
      }
  }
  return slope.front();
}

}  // namespace rectify::verify
