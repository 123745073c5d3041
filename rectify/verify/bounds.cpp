#include "rectify/verify/bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/verify/box.h"
#include "rectify/verify/kernels.h"

namespace rectify::verify {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// Functions that walk back together: their coefficients stay in cache.
constexpr std::size_t at_once = 128;
/// Widens what is computed with a few roundings.
constexpr double a_little_more = 1 + 0x1p-50;

double largest_size(double low, double high) { return std::max(std::abs(low), std::abs(high)); }

}  // namespace

Bounder::Bounder(const Structure& structure)
    : structure_(structure), states_(structure.network.layers.size()), walk_(structure) {
  for (std::size_t l = 0; l < states_.size(); ++l) {
    const Layer& layer = structure.network.layers[l];
    LayerState& state = states_[l];
    state.size.resize(layer.width), state.error.resize(layer.width);
    std::vector<std::uint32_t> all(layer.width);
    std::iota(all.begin(), all.end(), 0u);
    state.set_live(std::move(all), layer.width);
    if (layer.kind == Kind::input || layer.kind == Kind::affine) continue;
    state.low_slope.resize(layer.width), state.low_offset.resize(layer.width);
    state.high_slope.resize(layer.width), state.high_offset.resize(layer.width);
  }
}

Ranges Bounder::unknown() const {
  return {std::vector<double>(structure_.first.back(), -infinity),
          std::vector<double>(structure_.first.back(), infinity)};
}

bool Bounder::narrow(const Box& box, Ranges& ranges, std::size_t first) {
  overflows_ = false;
  set_input(box, ranges);
  for (std::size_t l = first; l < states_.size() && !overflows_; ++l) {
    switch (structure_.network.layers[l].kind) {
      case Kind::relu:
        pass_relu(l, ranges);
        continue;
      case Kind::gate:
        pass_gate(l, ranges);
        continue;
      case Kind::smooth:
        pass_curve(l, ranges);
        continue;
      default:
        break;
    }
    pass_intervals(l, ranges);
    if (overflows_) break;
    if (structure_.is_bounded[l]) narrow_backwards(l, ranges);
    const std::size_t place = structure_.first[l];
    for (std::size_t i = 0; i < states_[l].size.size(); ++i) {
      const double low = ranges.lower[place + i], high = ranges.upper[place + i];
      if (low > high) return false;
      states_[l].size[i] = largest_size(low, high);
    }
  }
  return true;
}

void Bounder::set_input(const Box& box, Ranges& ranges) {
  for (std::size_t i = 0; i < box.lower.size(); ++i) {
    ranges.lower[i] = box.lower[i], ranges.upper[i] = box.upper[i];
    states_[0].size[i] = largest_size(box.lower[i], box.upper[i]);
    if (!(states_[0].size[i] <= least_overflow)) overflows_ = true;
  }
}

void Bounder::pass_intervals(std::size_t layer, Ranges& ranges) {
  const Layer& of = structure_.network.layers[layer];
  middle_ = of.bias;
  radius_.assign(of.width, 0.0), size_.assign(of.width, 0.0);
  std::vector<const std::vector<double>*> sizes;
  for (const Layer::Term& term : of.terms) {
    sizes.push_back(&states_[term.from].size);
    const std::size_t first = structure_.first[term.from];
    for (const std::uint32_t i : states_[term.from].live) {
      const double low = ranges.lower[first + i], high = ranges.upper[first + i];
      const double m = (low + high) / 2, r = (high - low) / 2, s = states_[term.from].size[i];
      if (!term.matrix.dense.empty())
        kernels().forward(term.matrix.dense.data() + i * of.width, of.width, m, r, s,
                          middle_.data(), radius_.data(), size_.data());
      else
        term.matrix.each(i, [&](std::size_t o, double w) {
          middle_[o] += w * m, radius_[o] += std::abs(w) * r, size_[o] += std::abs(w) * s;
        });
    }
  }
  std::vector<double>& error = states_[layer].error;
  std::ranges::fill(error, of.least);
  if (of.more_error) of.more_error(sizes, error);
  const std::size_t first = structure_.first[layer];
  for (std::size_t o = 0; o < of.width; ++o) {
    const double size = size_[o] + std::abs(of.bias[o]);
    if (may_overflow(of, size, error[o])) overflows_ = true;
    error[o] += (of.rounding + structure_.share) * size * a_little_more;
    double &low = ranges.lower[first + o], &high = ranges.upper[first + o];
    low = std::max(low, middle_[o] - radius_[o] - error[o]);
    high = std::min(high, middle_[o] + radius_[o] + error[o]);
  }
}

// What is on one side of a relu's kink for sure needs no better bounds. Where the layer reads
// nothing but inputs, intervals are exact.
void Bounder::narrow_backwards(std::size_t layer, Ranges& ranges) {
  const Layer& of = structure_.network.layers[layer];
  if (std::ranges::all_of(of.terms, [](const Layer::Term& term) { return term.from == 0; })) return;
  std::vector<std::uint32_t> open;
  for (std::size_t i = 0; i < of.width; ++i)
    if (structure_.is_bent[layer] || (ranges.lower[structure_.first[layer] + i] < 0 &&
                                      ranges.upper[structure_.first[layer] + i] > 0))
      open.push_back(static_cast<std::uint32_t>(i));
  for (std::size_t first = 0; first < open.size(); first += at_once / 2)
    narrow_some(layer, std::span(open).subspan(first, std::min(at_once / 2, open.size() - first)),
                ranges);
}

// Column 2 k is the number itself, column 2 k + 1 its negative.
void Bounder::narrow_some(std::size_t layer, std::span<const std::uint32_t> numbers,
                          Ranges& ranges) {
  walk_.start(2 * numbers.size());
  walk_.watch(0);
  walk_.add_numbers(layer, numbers, 1, 0, 2, states_);
  walk_.add_numbers(layer, numbers, -1, 1, 2, states_);
  walk_.run(layer, states_, ranges);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const std::size_t at = structure_.first[layer] + numbers[k];
    ranges.lower[at] = std::max(ranges.lower[at], walk_.sums()[2 * k]);
    ranges.upper[at] = std::min(ranges.upper[at], -walk_.sums()[2 * k + 1]);
  }
}

// The line above a relu goes through both ends of the range; the slope of the line below is 0 or 1,
// whichever leaves the smaller area.
void Bounder::pass_relu(std::size_t layer, Ranges& ranges) {
  const Layer& of = structure_.network.layers[layer];
  LayerState& state = states_[layer];
  const std::size_t from = structure_.first[of.source], first = structure_.first[layer];
  state.live.clear();
  for (std::size_t i = 0; i < of.width; ++i) {
    const double low = ranges.lower[from + i], high = ranges.upper[from + i];
    ranges.lower[first + i] = std::max(0.0, low);
    ranges.upper[first + i] = state.size[i] = std::max(0.0, high);
    if (high <= 0) continue;
    state.live.push_back(static_cast<std::uint32_t>(i));
    const double slack = structure_.share * largest_size(low, high);
    double slope = 1, offset = 0;
    if (low < 0) {
      slope = high / (high - low) * a_little_more;
      offset = -low * slope * a_little_more + 0x1p-1000;
    }
    state.low_slope[i] = low >= 0 || high > -low ? 1 : 0, state.low_offset[i] = -slack;
    state.high_slope[i] = slope, state.high_offset[i] = offset + slack;
  }
  finish_activation(layer);
}

// For a factor in [a, b], the least of f x is the smaller of a x and b x, which is concave: the
// highest line below it goes through both ends of the range. The largest is convex.
void Bounder::pass_gate(std::size_t layer, Ranges& ranges) {
  const Layer& of = structure_.network.layers[layer];
  LayerState& state = states_[layer];
  const std::size_t from = structure_.first[of.source], first = structure_.first[layer];
  state.live.clear();
  for (std::size_t i = 0; i < of.width; ++i) {
    const double low = ranges.lower[from + i], high = ranges.upper[from + i];
    const auto [a, b] = state.factors[i];
    const double below_low = low < 0 ? b * low : a * low, above_low = low < 0 ? a * low : b * low;
    const double below_high = high < 0 ? b * high : a * high,
                 above_high = high < 0 ? a * high : b * high;
    const double slack = structure_.share * largest_size(a, b) * largest_size(low, high);
    const auto rounds = [](double factor) { return factor != 0 && factor != 1; };
    const double rounding = rounds(a) || rounds(b) ? slack : 0;
    ranges.lower[first + i] = std::min(below_low, below_high) - rounding;
    ranges.upper[first + i] = std::max(above_low, above_high) + rounding;
    state.size[i] = largest_size(ranges.lower[first + i], ranges.upper[first + i]);
    if (state.size[i] == 0) continue;
    state.live.push_back(static_cast<std::uint32_t>(i));
    const bool straddles = low < 0 && high > 0 && a < b;
    const auto through = [&](double at_low, double at_high, double otherwise) {
      return straddles ? (at_high - at_low) / (high - low) : otherwise;
    };
    state.low_slope[i] = through(below_low, below_high, low >= 0 ? a : b);
    state.high_slope[i] = through(above_low, above_high, low >= 0 ? b : a);
    const auto offset = [&](double at_high, double slope) {
      return straddles ? at_high - slope * high : 0;
    };
    const double moved = straddles ? slack : rounding;
    state.low_offset[i] = offset(below_high, state.low_slope[i]) - moved;
    state.high_offset[i] = offset(above_high, state.high_slope[i]) + moved;
  }
  finish_activation(layer);
}

void Bounder::pass_curve(std::size_t layer, Ranges& ranges) {
  const Layer& of = structure_.network.layers[layer];
  LayerState& state = states_[layer];
  const std::size_t from = structure_.first[of.source], first = structure_.first[layer];
  state.live.resize(of.width);
  std::iota(state.live.begin(), state.live.end(), 0u);
  for (std::size_t i = 0; i < of.width; ++i) {
    const double low = ranges.lower[from + i], high = ranges.upper[from + i];
    const activation::Interval y = of.curve->values(low, high);
    ranges.lower[first + i] = y.low, ranges.upper[first + i] = y.high;
    state.size[i] = largest_size(y.low, y.high);
    if (!(state.size[i] < least_overflow)) overflows_ = true;
    state.error[i] = of.curve->error(low, high);
    const CurveLines lines = of.curve->lines(low, high);
    const double slack = structure_.share *
                         (state.size[i] + std::abs(lines.low_offset) + std::abs(lines.high_offset));
    state.low_slope[i] = lines.low_slope, state.low_offset[i] = lines.low_offset - slack;
    state.high_slope[i] = lines.high_slope, state.high_offset[i] = lines.high_offset + slack;
  }
  finish_activation(layer);
}

void Bounder::finish_activation(std::size_t layer) {
  const std::size_t source = structure_.network.layers[layer].source;
  states_[layer].set_live(std::move(states_[layer].live), structure_.network.layers[layer].width);
  if (structure_.only_by[source] == layer)
    states_[source].live = states_[layer].live, states_[source].place = states_[layer].place;
}

void Bounder::set_factors(std::size_t layer, std::vector<activation::Interval> factors) {
  states_[layer].factors = std::move(factors);
}

void Bounder::bound(const Ranges& ranges, std::span<const double> coefficients,
                    std::span<const Decision> decisions, LowerBounds& bounds) {
  const Network& network = structure_.network;
  const std::size_t outputs = network.outputs(), inputs = network.inputs();
  const std::size_t count = coefficients.size() / outputs, last = states_.size() - 1;
  bounds.lower.assign(count + decisions.size(), -infinity);
  bounds.slopes.assign(bounds.lower.size() * inputs, 0.0);
  if (overflows_) return;
  walk_.start(bounds.lower.size());
  walk_.watch(count);
  for (std::size_t d = 0; d < decisions.size(); ++d)
    walk_.add_numbers(decisions[d].layer, {&decisions[d].number, 1}, decisions[d].positive ? -1 : 1,
                      count + d, 1, states_);
  const std::size_t columns = walk_.columns();
  std::vector<double> x(outputs * columns);
  for (std::size_t c = 0; c < count; ++c)
    for (std::size_t o = 0; o < outputs; ++o) x[o * columns + c] = coefficients[c * outputs + o];
  walk_.through_affine(last, x.data(), states_[last].live, states_);
  walk_.run(last, states_, ranges);
  const double* slopes = walk_.block(0, states_);
  for (std::size_t c = 0; c < bounds.lower.size(); ++c) {
    bounds.lower[c] = walk_.sums()[c];
    for (std::size_t i = 0; i < inputs; ++i)
      bounds.slopes[c * inputs + i] = slopes[i * columns + c];
  }
}

void Bounder::spread(const Ranges& ranges, std::span<const double> coefficients,
                     std::span<double> spread) {
  const Network& network = structure_.network;
  std::vector<std::vector<double>> middle(states_.size()), radius(states_.size());
  for (std::size_t l = 0; l < states_.size(); ++l)
    middle[l].resize(network.layers[l].width), radius[l].resize(network.layers[l].width);
  std::ranges::copy(coefficients, middle.back().begin());
  for (std::size_t l = states_.size(); l-- > 1;) {
    const Layer& layer = network.layers[l];
    if (layer.kind != Kind::affine) {
      const std::size_t first = structure_.first[layer.source];
      for (const std::uint32_t i : states_[l].live) {
        double low = middle[l][i] - radius[l][i], high = middle[l][i] + radius[l][i];
        if (layer.kind == Kind::smooth) {
          const auto [a, b] = layer.curve->slopes(ranges.lower[first + i], ranges.upper[first + i]);
          const auto [least, most] = std::minmax({a * low, b * low, a * high, b * high});
          low = least, high = most;
        } else if (ranges.lower[first + i] < 0) {
          low = std::min(low, 0.0), high = std::max(high, 0.0);
        }
        middle[layer.source][i] += (low + high) / 2, radius[layer.source][i] += (high - low) / 2;
      }
      continue;
    }
    for (const Layer::Term& term : layer.terms)
      for (const std::uint32_t j : states_[term.from].live) {
        double m = 0, r = 0;
        if (!term.matrix.dense.empty())
          kernels().dot(term.matrix.dense.data() + j * layer.width, middle[l].data(),
                        radius[l].data(), layer.width, &m, &r);
        else
          term.matrix.each(j, [&](std::size_t o, double w) {
            m += w * middle[l][o], r += std::abs(w) * radius[l][o];
          });
        middle[term.from][j] += m, radius[term.from][j] += r;
      }
  }
  std::ranges::copy(radius[0], spread.begin());
}

Ranges narrowed(Bounder& bounder, const Structure& structure, const Box& box) {
  check_box(box, structure.network.inputs());
  Ranges ranges = bounder.unknown();
  bounder.narrow(with_rounded_ends(box), ranges);
  if (bounder.overflows())
    fail("the network may overflow in the box, so nothing is known; make the box smaller");
  return ranges;
}

}  // namespace rectify::verify
