#include "rectify/verify/checker.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"

namespace rectify::verify {

namespace {

constexpr double no_bound = std::numeric_limits<double>::infinity();
/// Larger sums may overflow in float32.
constexpr double largest_float_sum = 0x1p126;
/// More than all products that double_underflow in double precision can add up to.
constexpr double double_underflow = 0x1p-900;
/// Functions that go back through the network together.
constexpr std::size_t functions_together = 64;

double size_of(double low, double high) { return std::max(std::abs(low), std::abs(high)); }

/// A number that the line is not below in the box.
double least_of_line(const Line& line, const Box& box) {
  double sum = line.offset, size = std::abs(line.offset);
  for (std::size_t i = 0; i < line.slopes.size(); ++i) {
    const double term = line.slopes[i] * (line.slopes[i] >= 0 ? box.lower[i] : box.upper[i]);
    sum += term, size += std::abs(term);
  }
  return sum - size * static_cast<double>(line.slopes.size() + 4) * 0x1p-52 - double_underflow;
}

/// Drops inputs of the box at which the line is above 0. False where none is left.
bool drop_above(const Line& line, Box& box) {
  const double low = least_of_line(line, box);
  if (low > 0) return false;
  for (std::size_t i = 0; i < line.slopes.size(); ++i) {
    const double slope = std::abs(line.slopes[i]), room = -low / slope;
    const double more = (size_of(box.lower[i], box.upper[i]) + room) * 0x1p-50;
    if (line.slopes[i] > 0 && box.lower[i] + room + more < box.upper[i])
      box.upper[i] = box.lower[i] + room + more;
    if (line.slopes[i] < 0 && box.upper[i] - room - more > box.lower[i])
      box.lower[i] = box.upper[i] - room - more;
  }
  return true;
}

void join_boxes(Box& box, const Box& other) {
  if (box.lower.empty()) box = other;
  for (std::size_t i = 0; i < box.lower.size(); ++i) {
    box.lower[i] = std::min(box.lower[i], other.lower[i]);
    box.upper[i] = std::max(box.upper[i], other.upper[i]);
  }
}

}  // namespace

/// Functions on their way from some layers back to the inputs. Function f is at least
///
///     the sum over layers and numbers y of at_[layer][number, f] y  + value_[f] - error_[f]
///
/// in the sub-problem, after each step. Each number of a coefficient that is added is wrong by at
/// most a share of rounding_ of it; that error times the number's size goes to error_.
class Checker::Way {
 public:
  /// `below`: the slope of the line below each number's relu; negative, or no such place: the
  /// usual.
  Way(const Checker& checker, const Known& known, std::size_t functions,
      std::span<const double> below = {})
      : all_(checker),
        known_(known),
        below_(below),
        n_(functions),
        at_(checker.network_.layers.size()),
        value_(n_),
        size_(n_),
        error_(n_) {}

  void add(std::size_t layer, std::size_t number, std::size_t function, double coefficient) {
    const std::size_t place = all_.first_[layer] + number;
    block(layer)[number * n_ + function] += coefficient;
    error_[function] +=
        all_.rounding_ * std::abs(coefficient) * size_of(known_.lower[place], known_.upper[place]);
  }
  void add_constant(std::size_t function, double x) {
    value_[function] += x, size_[function] += std::abs(x);
  }
  void run() {
    for (std::size_t l = at_.size(); l-- > 1;) {
      if (at_[l].empty()) continue;
      all_.network_.layers[l].kind == Kind::affine ? through_affine(l) : through_relu(l);
    }
  }
  Line line(std::size_t function) {
    const double* slopes = block(0);
    Line line;
    for (std::size_t i = 0; i < all_.network_.inputs(); ++i)
      line.slopes.push_back(slopes[i * n_ + function]);
    line.offset = value_[function] - error_[function] * (1 + 0x1p-20) -
                  all_.rounding_ * size_[function] - double_underflow;
    return line;
  }

 private:
  double* block(std::size_t layer) {
    if (at_[layer].empty()) at_[layer].assign(all_.network_.layers[layer].width * n_, 0.0);
    return at_[layer].data();
  }

  // y = matrix x + bias + e, where |e| is at most the layer's error, which covers the roundings of
  // the new coefficients too.
  void through_affine(std::size_t l) {
    const Layer& layer = all_.network_.layers[l];
    const double *a = at_[l].data(), *error = known_.error.data() + all_.first_[l];
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
      const double* upper = known_.upper.data() + all_.first_[term.from];
      const bool of_relu = all_.network_.layers[term.from].kind == Kind::relu;
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
  void through_relu(std::size_t l) {
    const std::size_t source = all_.network_.layers[l].source;
    const double* a = at_[l].data();
    double* to = block(source);
    for (std::size_t i = 0; i < all_.network_.layers[l].width; ++i, a += n_, to += n_) {
      const std::size_t place = all_.first_[source] + i, own = all_.first_[l] + i;
      const double low = known_.lower[place], high = known_.upper[place];
      if (high <= 0) continue;
      const double size = size_of(low, high);
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
        error_[f] += all_.rounding_ * std::abs(a[f]) * size;
      }
    }
  }

  const Checker& all_;
  const Known& known_;
  std::span<const double> below_;
  std::size_t n_;
  std::vector<std::vector<double>> at_;  ///< of each layer: width x functions; empty: all 0
  std::vector<double> value_, size_, error_;
};

Checker::Checker(const Network& network, const Property& property)
    : network_(network), property_(property), has_relu_(network.layers.size()) {
  std::size_t additions = most_splits + 64, halves = 0;
  first_.push_back(0);
  for (const Layer& layer : network.layers) {
    first_.push_back(first_.back() + layer.width);
    additions += layer.width * (2 + layer.terms.size());
    if (layer.kind == Kind::relu) has_relu_[layer.source] = true;
    if (layer.kind == Kind::smooth)
      fail("'", layer.label, "' is an activation that certificates have no rule for");
  }
  for (std::size_t at = 0; at < property.cases.size(); ++at) {
    const Unsafe& unsafe = property.cases[at];
    bool fits = unsafe.inputs.lower.size() == network.inputs() &&
                unsafe.inputs.upper.size() == network.inputs();
    for (const HalfSpace& half : unsafe.outputs)
      fits = fits && half.coefficients.size() == network.outputs();
    if (!fits)
      fail("case ", at + 1, " of the property does not fit a network of ", network.inputs(),
           " inputs and ", network.outputs(), " outputs");
    halves = std::max(halves, unsafe.outputs.size());
  }
  rounding_ = 4 * static_cast<double>(additions + halves) * 0x1p-53;
}

SubProblem Checker::root(std::uint32_t at, std::vector<std::uint32_t> cases) const {
  SubProblem sub;
  sub.cases = std::move(cases);
  sub.box = property_.cases[at].inputs;
  for (std::size_t i = 0; i < sub.box.lower.size(); ++i) {
    sub.box.lower[i] = std::min<double>(sub.box.lower[i], static_cast<float>(sub.box.lower[i]));
    sub.box.upper[i] = std::max<double>(sub.box.upper[i], static_cast<float>(sub.box.upper[i]));
  }
  return sub;
}

bool Checker::narrow(SubProblem& sub) const {
  const std::size_t numbers = first_.back();
  auto known = std::make_shared<Known>();
  if (sub.known && !sub.known->may_overflow) {
    *known = *sub.known;
  } else {
    known->lower.assign(numbers, -no_bound), known->upper.assign(numbers, no_bound);
    known->error.resize(numbers);
  }
  std::ranges::copy(sub.box.lower, known->lower.begin());
  std::ranges::copy(sub.box.upper, known->upper.begin());
  sub.known = known;
  for (std::size_t l = 1; l < network_.layers.size(); ++l) {
    pass_forwards(l, *known);
    if (known->may_overflow) return true;
    if (has_relu_[l]) narrow_backwards(l, *known);
    for (std::size_t i = first_[l]; i < first_[l + 1]; ++i)
      if (known->lower[i] > known->upper[i]) return false;
  }
  return true;
}

// Sums over inputs of the layer, in double precision. The error of float32 is that of network.h; to
// it comes what the sums of this file may be off by.
void Checker::pass_forwards(std::size_t l, Known& known) const {
  const Layer& layer = network_.layers[l];
  double *lower = known.lower.data() + first_[l], *upper = known.upper.data() + first_[l];
  if (layer.kind == Kind::relu) {
    for (std::size_t i = 0; i < layer.width; ++i) {
      lower[i] = std::max(0.0, known.lower[first_[layer.source] + i]);
      upper[i] = std::max(0.0, known.upper[first_[layer.source] + i]);
    }
    return;
  }
  std::vector<double> low = layer.bias, high = layer.bias, size(layer.width);
  std::vector<double> error(layer.width, layer.least);
  std::vector<std::vector<double>> sizes;
  for (const Layer::Term& term : layer.terms) {
    const std::size_t from = first_[term.from];
    std::vector<double>& of_term = sizes.emplace_back();
    for (std::size_t i = 0; i < term.matrix.in; ++i) {
      const double a = known.lower[from + i], b = known.upper[from + i];
      of_term.push_back(size_of(a, b));
      term.matrix.each(i, [&](std::size_t o, double w) {
        low[o] += w * (w >= 0 ? a : b), high[o] += w * (w >= 0 ? b : a);
        size[o] += std::abs(w) * of_term[i];
      });
    }
  }
  std::vector<const std::vector<double>*> all_sizes;
  for (const std::vector<double>& of_term : sizes) all_sizes.push_back(&of_term);
  if (layer.more_error) layer.more_error(all_sizes, error);
  for (std::size_t o = 0; o < layer.width; ++o) {
    size[o] += std::abs(layer.bias[o]);
    if (!(size[o] < largest_float_sum)) known.may_overflow = true;
    error[o] = (error[o] + (layer.rounding + rounding_) * size[o]) * (1 + 0x1p-20);
    known.error[first_[l] + o] = error[o];
    lower[o] = std::max(lower[o], low[o] - error[o]);
    upper[o] = std::min(upper[o], high[o] + error[o]);
  }
}

/// Bounds the numbers of a layer that may be on both sides of 0 by going back to the inputs.
void Checker::narrow_backwards(std::size_t l, Known& known) const {
  const auto reads_inputs = [](const Layer::Term& term) { return term.from == 0; };
  if (std::ranges::all_of(network_.layers[l].terms, reads_inputs)) return;  // cannot be better
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < network_.layers[l].width; ++i)
    if (known.lower[first_[l] + i] < 0 && known.upper[first_[l] + i] > 0) open.push_back(i);
  const std::size_t inputs = network_.inputs();
  const Box box{{known.lower.begin(), known.lower.begin() + static_cast<std::ptrdiff_t>(inputs)},
                {known.upper.begin(), known.upper.begin() + static_cast<std::ptrdiff_t>(inputs)}};
  for (std::size_t begin = 0; begin < open.size(); begin += functions_together / 2) {
    const std::size_t count = std::min(functions_together / 2, open.size() - begin);
    Way way(*this, known, 2 * count);
    for (std::size_t k = 0; k < count; ++k)
      way.add(l, open[begin + k], 2 * k, 1), way.add(l, open[begin + k], 2 * k + 1, -1);
    way.run();
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t place = first_[l] + open[begin + k];
      known.lower[place] = std::max(known.lower[place], least_of_line(way.line(2 * k), box));
      known.upper[place] = std::min(known.upper[place], -least_of_line(way.line(2 * k + 1), box));
    }
  }
}

void Checker::add_half_space(const HalfSpace& half, double weight, std::size_t function,
                             Way& way) const {
  for (std::size_t j = 0; j < half.coefficients.size(); ++j)
    if (const double c = weight * half.coefficients[j]; c != 0)
      way.add(network_.layers.size() - 1, j, function, c);
  way.add_constant(function, -weight * half.bound);
}

// What is at most 0: a number that is decided to be, or the negative of one that is at least 0.
void Checker::add_decision(const SubProblem::Decision& decision, double weight,
                           std::size_t function, Way& way) const {
  way.add(decision.at.layer, decision.at.number, function, decision.positive ? -weight : weight);
}

std::vector<Line> Checker::lines_of(const SubProblem& sub) const {
  std::vector<Line> lines;
  std::vector<const HalfSpace*> halves;
  for (const std::uint32_t at : sub.cases)
    for (const HalfSpace& half : property_.cases[at].outputs) halves.push_back(&half);
  const std::size_t all = halves.size() + sub.decisions.size();
  for (std::size_t begin = 0; begin < all; begin += functions_together) {
    const std::size_t count = std::min(functions_together, all - begin);
    Way way(*this, *sub.known, count);
    for (std::size_t f = 0; f < count; ++f)
      if (begin + f < halves.size())
        add_half_space(*halves[begin + f], 1, f, way);
      else
        add_decision(sub.decisions[begin + f - halves.size()], 1, f, way);
    way.run();
    for (std::size_t f = 0; f < count; ++f) lines.push_back(way.line(f));
  }
  return lines;
}

// What is cut off is unsafe in no case: there some function is above 0 that is at most 0 at unsafe
// inputs. Twice, as the box that one function leaves lets others cut off more.
void Checker::cut(SubProblem& sub, std::span<const Line> lines) const {
  const std::span<const Line> decisions = lines.last(sub.decisions.size());
  Box left;
  std::vector<std::uint32_t> open;
  std::size_t begin = 0;
  for (const std::uint32_t at : sub.cases) {
    const std::size_t own = property_.cases[at].outputs.size();
    Box rest = sub.box;
    bool is_left = true;
    for (std::size_t k = 0; k < 2 * (own + decisions.size()) && is_left; ++k) {
      const std::size_t r = k % (own + decisions.size());
      is_left = drop_above(r < own ? lines[begin + r] : decisions[r - own], rest);
    }
    begin += own;
    if (!is_left) continue;
    open.push_back(at);
    join_boxes(left, rest);
  }
  sub.cases = std::move(open);
  if (!sub.cases.empty()) sub.box = std::move(left);
}

double Checker::margin(const SubProblem& sub, std::uint32_t at, const Weights& weights,
                       std::span<const Number> numbers) const {
  if (!sub.known || sub.known->may_overflow) return -no_bound;
  std::vector<double> below;
  if (!weights.slopes.empty()) below.assign(first_.back(), -1);
  for (std::size_t i = 0; i < weights.slopes.size(); ++i)
    below[first_[numbers[i].layer] + numbers[i].number] =
        weights.slopes[i] / Weights::steps(weights.digits);
  Way way(*this, *sub.known, 1, below);
  for (const Weights::One& one : weights.halves)
    add_half_space(property_.cases[at].outputs[one.index], one.weight, 0, way);
  for (const Weights::One& one : weights.decisions)
    add_decision(sub.decisions[one.index], one.weight, 0, way);
  way.run();
  return least_of_line(way.line(0), sub.box);
}

SubProblem Checker::half(const SubProblem& sub, std::uint32_t axis, double value, bool upper) {
  SubProblem half = sub;
  (upper ? half.box.lower : half.box.upper)[axis] = value;
  return half;
}

SubProblem Checker::decided(const SubProblem& sub, Number at, bool positive) const {
  SubProblem half = sub;
  auto known = std::make_shared<Known>(*sub.known);
  const std::size_t place = first_[at.layer] + at.number;
  if (positive)
    known->lower[place] = std::max(known->lower[place], 0.0);
  else
    known->upper[place] = std::min(known->upper[place], 0.0);
  half.known = std::move(known);
  half.decisions.push_back({at, positive});
  return half;
}

}  // namespace rectify::verify
