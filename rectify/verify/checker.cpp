#include "rectify/verify/checker.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"

namespace rectify::verify {

namespace {

constexpr double no_bound = std::numeric_limits<double>::infinity();
/// Functions that go back through the network together.
constexpr std::size_t functions_together = 64;

/// Drops inputs of the box at which the line is above 0. False where none is left.
bool drop_above(const Line& line, Box& box) {
  const double low = line.least(box);
  if (low > 0) return false;
  for (std::size_t i = 0; i < line.slopes.size(); ++i) {
    const double slope = std::abs(line.slopes[i]), room = -low / slope;
    const double more = (size_between(box.lower[i], box.upper[i]) + room) * 0x1p-50;
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

Checker::Checker(const Network& network, const Property& property)
    : network_(network),
      property_(property),
      places_{network, {}, 0},
      has_relu_(network.layers.size()) {
  std::size_t additions = most_splits + 64, halves = 0;
  places_.first.push_back(0);
  for (const Layer& layer : network.layers) {
    places_.first.push_back(places_.first.back() + layer.width);
    additions += layer.width * (2 + layer.terms.size());
    if (layer.kind == Kind::relu) has_relu_[layer.source] = true;
    if (layer.kind == Kind::smooth)
      fail("'", layer.label, "' is an activation that certificates have no rule for");
  }
  check_property(property, network.inputs(), network.outputs());
  for (const Unsafe& unsafe : property.cases) halves = std::max(halves, unsafe.outputs.size());
  places_.rounding = 4 * static_cast<double>(additions + halves) * 0x1p-53;
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
  const std::size_t numbers = places_.first.back();
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
    for (std::size_t i = places_.first[l]; i < places_.first[l + 1]; ++i)
      if (known->lower[i] > known->upper[i]) return false;
  }
  return true;
}

// Sums over inputs of the layer, in double precision. The error of float32 is that of network.h; to
// it comes what the sums of this file may be off by.
void Checker::pass_forwards(std::size_t l, Known& known) const {
  const Layer& layer = network_.layers[l];
  double *lower = known.lower.data() + places_.first[l],
         *upper = known.upper.data() + places_.first[l];
  if (layer.kind == Kind::relu) {
    for (std::size_t i = 0; i < layer.width; ++i) {
      lower[i] = std::max(0.0, known.lower[places_.first[layer.source] + i]);
      upper[i] = std::max(0.0, known.upper[places_.first[layer.source] + i]);
    }
    return;
  }
  std::vector<double> low = layer.bias, high = layer.bias, size(layer.width);
  std::vector<double> error(layer.width, layer.least);
  std::vector<std::vector<double>> sizes;
  for (const Layer::Term& term : layer.terms) {
    const std::size_t from = places_.first[term.from];
    std::vector<double>& of_term = sizes.emplace_back();
    for (std::size_t i = 0; i < term.matrix.in; ++i) {
      const double a = known.lower[from + i], b = known.upper[from + i];
      of_term.push_back(size_between(a, b));
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
    if (may_overflow(layer, size[o], error[o])) known.may_overflow = true;
    error[o] = (error[o] + (layer.rounding + places_.rounding) * size[o]) * (1 + 0x1p-20);
    known.error[places_.first[l] + o] = error[o];
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
    if (known.lower[places_.first[l] + i] < 0 && known.upper[places_.first[l] + i] > 0)
      open.push_back(i);
  const std::size_t inputs = network_.inputs();
  const Box box{{known.lower.begin(), known.lower.begin() + static_cast<std::ptrdiff_t>(inputs)},
                {known.upper.begin(), known.upper.begin() + static_cast<std::ptrdiff_t>(inputs)}};
  for (std::size_t begin = 0; begin < open.size(); begin += functions_together / 2) {
    const std::size_t count = std::min(functions_together / 2, open.size() - begin);
    BackwardPass way(places_, known, 2 * count);
    for (std::size_t k = 0; k < count; ++k)
      way.add(l, open[begin + k], 2 * k, 1), way.add(l, open[begin + k], 2 * k + 1, -1);
    way.run();
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t place = places_.first[l] + open[begin + k];
      known.lower[place] = std::max(known.lower[place], way.line(2 * k).least(box));
      known.upper[place] = std::min(known.upper[place], -way.line(2 * k + 1).least(box));
    }
  }
}

std::size_t Checker::half_spaces(const SubProblem& sub, std::uint32_t at) const {
  return sub.claim ? 1 : property_.cases[at].outputs.size();
}

// What is above 0 where the half space is proven not to be met, or the claim to hold.
void Checker::add_half_space(const SubProblem& sub, std::uint32_t at, const Weights::One& half,
                             std::size_t function, BackwardPass& way) const {
  if (sub.claim) {
    const double weight = sub.claim->is_above ? half.weight : -half.weight;
    way.add(sub.claim->at.layer, sub.claim->at.number, function, weight);
    return way.add_constant(function, -weight * sub.claim->value);
  }
  const HalfSpace& of = property_.cases[at].outputs[half.index];
  for (std::size_t j = 0; j < of.coefficients.size(); ++j)
    if (const double c = half.weight * of.coefficients[j]; c != 0)
      way.add(network_.layers.size() - 1, j, function, c);
  way.add_constant(function, -half.weight * of.bound);
}

// What is at most 0: a number that is decided to be, or the negative of one that is at least 0.
void Checker::add_decision(const SubProblem::Decision& decision, double weight,
                           std::size_t function, BackwardPass& way) const {
  way.add(decision.at.layer, decision.at.number, function, decision.positive ? -weight : weight);
}

std::vector<Line> Checker::lines_of(const SubProblem& sub) const {
  std::vector<Line> lines;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> halves;  // of which case
  for (const std::uint32_t at : sub.cases)
    for (std::uint32_t r = 0; r < half_spaces(sub, at); ++r) halves.push_back({at, r});
  const std::size_t all = halves.size() + sub.decisions.size();
  for (std::size_t begin = 0; begin < all; begin += functions_together) {
    const std::size_t count = std::min(functions_together, all - begin);
    BackwardPass way(places_, *sub.known, count);
    for (std::size_t f = 0; f < count; ++f)
      if (const std::size_t n = begin + f; n < halves.size())
        add_half_space(sub, halves[n].first, {halves[n].second, 1}, f, way);
      else
        add_decision(sub.decisions[n - halves.size()], 1, f, way);
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
    const std::size_t own = half_spaces(sub, at);
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
  if (!weights.slopes.empty()) below.assign(places_.first.back(), -1);
  for (std::size_t i = 0; i < weights.slopes.size(); ++i)
    below[places_.first[numbers[i].layer] + numbers[i].number] =
        weights.slopes[i] / Weights::steps(weights.digits);
  BackwardPass way(places_, *sub.known, 1, below);
  for (const Weights::One& one : weights.halves) add_half_space(sub, at, one, 0, way);
  for (const Weights::One& one : weights.decisions)
    add_decision(sub.decisions[one.index], one.weight, 0, way);
  way.run();
  return way.line(0).least(sub.box);
}

SubProblem Checker::half(const SubProblem& sub, std::uint32_t axis, double value, bool upper) {
  SubProblem half = sub;
  (upper ? half.box.lower : half.box.upper)[axis] = value;
  return half;
}

SubProblem Checker::knowing(const SubProblem& sub, const SubProblem::Claim& claim) const {
  SubProblem with = sub;
  auto known = std::make_shared<Known>(*sub.known);
  const std::size_t place = places_.first[claim.at.layer] + claim.at.number;
  if (claim.is_above)
    known->lower[place] = std::max(known->lower[place], claim.value);
  else
    known->upper[place] = std::min(known->upper[place], claim.value);
  with.known = std::move(known);
  return with;
}

SubProblem Checker::asking(const SubProblem& sub, const SubProblem::Claim& claim) const {
  SubProblem with = sub;
  with.claim = claim, with.cases = {0};
  return with;
}

SubProblem Checker::decided(const SubProblem& sub, Number at, bool positive) const {
  SubProblem with = knowing(sub, {at, positive, 0});
  with.decisions.push_back({at, positive});
  return with;
}

}  // namespace rectify::verify
