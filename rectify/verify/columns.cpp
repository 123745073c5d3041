#include "rectify/verify/columns.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "rectify/verify/kernels.h"

namespace rectify::verify {

namespace {

/// Steps of the ascent (Kingma & Ba 2015, "Adam"): of slopes, which are in [0, 1], and of weights,
/// relative to the coefficients of what is decided.
constexpr double slope_step = 0.2, weight_step = 0.1, step_decay = 0.95;
/// Numbers that may be decided next.
constexpr std::size_t most_choices = 8;
/// How much the better half of a node counts when a number is chosen.
constexpr double better_half_share = 0.2;
constexpr double mean_share = 0.1, size_share = 0.01;

}  // namespace

Columns::Columns(const Structure& structure, const std::vector<LayerState>& states,
                 const Ranges& ranges, std::size_t layer, std::vector<double> coefficients)
    : structure_(structure),
      states_(states),
      ranges_(ranges),
      layer_(layer),
      coefficients_(std::move(coefficients)),
      open_of_live_(states.size()),
      walk_(structure),
      first_(states.size()),
      values_(states.size()) {
  for (std::size_t l = 0; l < layer; ++l) {
    const Layer& relu = structure.network.layers[l];
    if (relu.kind != Kind::relu) continue;
    for (std::uint32_t k = 0; k < states[l].live.size(); ++k) {
      const std::uint32_t number = states[l].live[k];
      const bool is_open = ranges.lower[structure.first[relu.source] + number] < 0;
      open_of_live_[l].push_back(is_open ? static_cast<std::int32_t>(open_.size()) : -1);
      if (is_open) open_.push_back({l, relu.source, number, k, states[relu.source].place[number]});
    }
  }
}

std::vector<Decision> Columns::open_relus() const {
  std::vector<Decision> all;
  for (const Open& open : open_)
    all.push_back({static_cast<std::uint32_t>(open.layer), open.number, false});
  return all;
}

Node Columns::root(std::size_t function) const {
  Node node;
  node.function = function;
  for (const Open& open : open_)
    node.slopes.push_back(static_cast<float>(states_[open.layer].low_slope[open.number]));
  node.lower = -std::numeric_limits<double>::infinity();
  return node;
}

Node Columns::half(const Node& node, const Choice& choice, bool positive) {
  Node half;
  half.function = node.function, half.slopes = node.slopes, half.lower = node.lower;
  half.decisions.reserve(node.decisions.size() + 1), half.weights.reserve(node.weights.size() + 1);
  half.decisions = node.decisions, half.weights = node.weights;
  half.decisions.push_back(choice.decision);
  half.decisions.back().positive = positive;
  half.weights.push_back(positive ? choice.positive_weight : choice.negative_weight);
  return half;
}

std::size_t Columns::place_of(const Decision& decision) const {
  const std::size_t relu = structure_.only_by[decision.layer];
  return static_cast<std::size_t>(open_of_live_[relu][states_[relu].place[decision.number]]);
}

void Columns::load(std::span<const Node> nodes) {
  set_functions(nodes);
  const std::size_t columns = walk_.columns(), size = open_.size() * columns;
  side_.assign(size, 0);
  slope_.assign(size, 0.0), weight_.assign(size, 0.0), coefficient_.assign(size, 0.0);
  mean_.assign(size, 0.0), size_.assign(size, 0.0);
  for (std::size_t c = 0; c < nodes.size(); ++c) {
    for (std::size_t n = 0; n < open_.size(); ++n) slope_[n * columns + c] = nodes[c].slopes[n];
    for (std::size_t d = 0; d < nodes[c].decisions.size(); ++d) {
      const std::size_t at = place_of(nodes[c].decisions[d]) * columns + c;
      side_[at] = nodes[c].decisions[d].positive ? 1 : -1;
      weight_[at] = nodes[c].weights[d];
    }
  }
  best_.lower.assign(columns, -std::numeric_limits<double>::infinity());
  best_.slope.resize(size), best_.weight.resize(size), best_.coefficient.resize(size);
  best_.x.resize(structure_.network.inputs() * columns);
}

/// Finds out what the nodes' functions are of the layers that layer_ reads: the same in each step.
void Columns::set_functions(std::span<const Node> nodes) {
  walk_.start(nodes.size());
  if (coefficients_.empty()) {
    start_numbers(nodes);
  } else {
    const std::size_t columns = walk_.columns(), width = structure_.network.layers[layer_].width;
    const std::vector<std::uint32_t>& live = states_[layer_].live;
    std::vector<double> x(live.size() * columns);
    for (std::size_t k = 0; k < live.size(); ++k)
      for (std::size_t c = 0; c < nodes.size(); ++c)
        x[k * columns + c] = coefficients_[nodes[c].function * width + live[k]];
    walk_.through_affine(layer_, x.data(), live, states_);
  }
  first_sums_.assign(walk_.sums().begin(), walk_.sums().end());
  for (const Layer::Term& term : structure_.network.layers[layer_].terms) {
    const double* block = walk_.block(term.from, states_);
    first_[term.from].assign(block, block + states_[term.from].live.size() * walk_.columns());
  }
}

/// Several nodes may be about one number: each number has a list of columns.
void Columns::start_numbers(std::span<const Node> nodes) {
  const Layer& layer = structure_.network.layers[layer_];
  const std::size_t columns = walk_.columns();
  std::vector<std::vector<std::size_t>> columns_of(layer.width);
  const auto sign = [&](std::size_t c) { return nodes[c].function % 2 == 0 ? 1.0 : -1.0; };
  for (std::size_t c = 0; c < nodes.size(); ++c) {
    const std::size_t number = nodes[c].function / 2;
    columns_of[number].push_back(c);
    walk_.sums()[c] += sign(c) * layer.bias[number] - states_[layer_].error[number];
  }
  for (const Layer::Term& term : layer.terms) {
    double* to = walk_.block(term.from, states_);
    for (const std::uint32_t j : states_[term.from].live) {
      if (!term.matrix.dense.empty()) {
        const double* weights = term.matrix.dense.data() + j * layer.width;
        for (std::size_t c = 0; c < nodes.size(); ++c)
          to[c] += sign(c) * weights[nodes[c].function / 2];
      } else {
        term.matrix.each(j, [&](std::size_t o, double w) {
          for (const std::size_t c : columns_of[o]) to[c] += sign(c) * w;
        });
      }
      to += columns;
    }
  }
}

// A decided number x that is positive has the function - weight x added, which is at most 0 where
// the decision holds; one that is negative + weight x.
void Columns::go_through_relu(std::size_t layer) {
  const LayerState& state = states_[layer];
  const std::size_t source = structure_.network.layers[layer].source, columns = walk_.columns();
  const double* x = walk_.block(layer, states_);
  double* to = walk_.block(source, states_);
  const std::span<double> sums = walk_.sums();
  for (std::size_t k = 0; k < state.live.size(); ++k, x += columns) {
    const std::uint32_t number = state.live[k];
    double* out = to + states_[source].place[number] * columns;
    const double below = state.low_offset[number], above = state.high_offset[number];
    const std::int32_t open = open_of_live_[layer][k];
    if (open < 0) {
      for (std::size_t c = 0; c < columns; ++c) {
        sums[c] += x[c] * (x[c] >= 0 ? below : above);
        out[c] += x[c];
      }
      continue;
    }
    const std::size_t first = static_cast<std::size_t>(open) * columns;
    const double high_slope = state.high_slope[number];
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t at = first + c;
      coefficient_[at] = x[c];
      if (side_[at] == 0) {
        out[c] += x[c] * (x[c] >= 0 ? slope_[at] : high_slope);
        sums[c] += x[c] * (x[c] >= 0 ? below : above);
      } else {
        out[c] += side_[at] > 0 ? x[c] - weight_[at] : weight_[at];
        sums[c] += std::abs(x[c]) * below;
      }
    }
  }
}

void Columns::go_backwards() {
  walk_.start(walk_.columns());
  std::ranges::copy(first_sums_, walk_.sums().begin());
  for (const Layer::Term& term : structure_.network.layers[layer_].terms)
    std::ranges::copy(first_[term.from], walk_.block(term.from, states_));
  for (std::size_t l = layer_; l-- > 1;) {
    if (structure_.network.layers[l].kind == Kind::affine)
      walk_.through_affine(l, walk_.block(l, states_), states_[l].live, states_);
    else
      go_through_relu(l);
  }
  walk_.run(1, states_, ranges_);
}

// What the bound's linear functions are at the input where it is reached: the derivative of the
// bound in a slope or a weight is a coefficient times one of these values.
void Columns::go_forwards() {
  const std::size_t columns = walk_.columns(), inputs = structure_.network.inputs();
  const double* slopes = walk_.block(0, states_);
  values_[0].resize(inputs * columns);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t c = 0; c < columns; ++c)
      values_[0][i * columns + c] =
          slopes[i * columns + c] >= 0 ? ranges_.lower[i] : ranges_.upper[i];
  for (std::size_t l = 1; l < layer_; ++l) {
    values_[l].resize(states_[l].live.size() * columns);
    if (structure_.network.layers[l].kind == Kind::affine)
      pass_affine(l);
    else
      pass_relu(l);
  }
}

void Columns::pass_affine(std::size_t layer) {
  const Layer& of = structure_.network.layers[layer];
  const LayerState& state = states_[layer];
  const std::size_t columns = walk_.columns();
  double* y = values_[layer].data();
  for (std::size_t k = 0; k < state.live.size(); ++k)
    std::fill_n(y + k * columns, columns, of.bias[state.live[k]]);
  for (std::size_t t = 0; t < of.terms.size(); ++t) {
    const Matrix& m = of.terms[t].matrix;
    const LayerState& source = states_[of.terms[t].from];
    const double* x = values_[of.terms[t].from].data();
    if (!m.dense.empty()) {
      kernels().product(structure_.turned[layer][t].data(), m.in, state.live.data(),
                        state.live.size(), source.live.data(), source.live.size(), x, y, columns,
                        true);
      continue;
    }
    for (std::size_t j = 0; j < source.live.size(); ++j)
      m.each(source.live[j], [&](std::size_t o, double w) {
        if (state.place[o] != LayerState::absent)
          kernels().add_scaled(x + j * columns, w, columns, y + state.place[o] * columns);
      });
  }
}

void Columns::pass_relu(std::size_t layer) {
  const std::size_t source = structure_.network.layers[layer].source, columns = walk_.columns();
  const LayerState& state = states_[layer];
  for (std::size_t k = 0; k < state.live.size(); ++k) {
    const std::uint32_t number = state.live[k];
    const double* z = values_[source].data() + states_[source].place[number] * columns;
    double* h = values_[layer].data() + k * columns;
    const std::int32_t open = open_of_live_[layer][k];
    if (open < 0) {
      std::copy_n(z, columns, h);
      continue;
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t at = static_cast<std::size_t>(open) * columns + c;
      if (side_[at] != 0)
        h[c] = side_[at] > 0 ? z[c] : 0;
      else
        h[c] = coefficient_[at] >= 0 ? slope_[at] * z[c]
                                     : state.high_slope[number] * z[c] + state.high_offset[number];
    }
  }
}

void Columns::ascend(std::size_t step) {
  const std::size_t columns = walk_.columns();
  const double decay = std::pow(step_decay, static_cast<double>(step));
  const double n = static_cast<double>(step + 1);
  const double mean_scale = 1 / (1 - std::pow(1 - mean_share, n)),
               size_scale = 1 / (1 - std::pow(1 - size_share, n));
  for (std::size_t o = 0; o < open_.size(); ++o) {
    const double* z = values_[open_[o].source].data() + open_[o].below * columns;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t at = o * columns + c;
      double gradient = 0;
      if (side_[at] != 0)
        gradient = side_[at] > 0 ? -z[c] : z[c];
      else if (coefficient_[at] >= 0)
        gradient = coefficient_[at] * z[c];
      mean_[at] += mean_share * (gradient - mean_[at]);
      size_[at] += size_share * (gradient * gradient - size_[at]);
      const double by =
          decay * mean_[at] * mean_scale / (std::sqrt(size_[at] * size_scale) + 1e-12);
      if (side_[at] != 0)
        weight_[at] =
            std::max(0.0, weight_[at] + weight_step * (std::abs(coefficient_[at]) + 1e-4) * by);
      else
        slope_[at] = std::clamp(slope_[at] + slope_step * by, 0.0, 1.0);
    }
  }
}

/// The numbers whose lines cost the bound most.
void Columns::choose(Node& node, std::size_t column) const {
  const std::size_t columns = walk_.columns();
  std::vector<char> is_decided(open_.size());
  for (const Decision& decision : node.decisions) is_decided[place_of(decision)] = 1;
  std::vector<std::pair<double, std::size_t>> losses;
  for (std::size_t o = 0; o < open_.size(); ++o) {
    if (is_decided[o] || structure_.only_by[open_[o].source] != open_[o].layer) continue;
    const double loss = std::abs(best_.coefficient[o * columns + column]) *
                        states_[open_[o].layer].high_offset[open_[o].number];
    if (loss > 0) losses.push_back({loss, o});
  }
  const std::size_t count = std::min(most_choices, losses.size());
  std::ranges::partial_sort(losses, losses.begin() + static_cast<std::ptrdiff_t>(count),
                            std::greater<>());
  node.choices.clear();
  for (std::size_t k = 0; k < count; ++k) {
    const Open& open = open_[losses[k].second];
    const std::size_t at = losses[k].second * columns + column;
    // The line below, coefficient slope x, is coefficient x - weight x, or 0 + weight x.
    const double coefficient = std::max(0.0, best_.coefficient[at]);
    node.choices.push_back({{static_cast<std::uint32_t>(open.source), open.number, false},
                            static_cast<float>(coefficient * (1 - best_.slope[at])),
                            static_cast<float>(coefficient * best_.slope[at])});
  }
}

void Columns::keep_best(std::size_t count) {
  const std::size_t columns = walk_.columns();
  best_.is_better.assign(columns, 0);
  bool any = false;
  for (std::size_t c = 0; c < count; ++c)
    if (walk_.sums()[c] > best_.lower[c])
      best_.lower[c] = walk_.sums()[c], best_.is_better[c] = 1, any = true;
  if (!any) return;
  const auto take = [&](const std::vector<double>& from, std::vector<double>& to) {
    for (std::size_t first = 0; first < from.size(); first += columns)
      for (std::size_t c = 0; c < columns; ++c)
        to[first + c] = best_.is_better[c] ? from[first + c] : to[first + c];
  };
  take(slope_, best_.slope), take(weight_, best_.weight);
  take(coefficient_, best_.coefficient), take(values_[0], best_.x);
}

void Columns::store(std::span<Node> nodes) const {
  const std::size_t columns = walk_.columns(), inputs = structure_.network.inputs();
  for (std::size_t c = 0; c < nodes.size(); ++c) {
    Node& node = nodes[c];
    node.lower = best_.lower[c];
    if (!(node.lower > -std::numeric_limits<double>::infinity())) continue;
    for (std::size_t o = 0; o < open_.size(); ++o)
      node.slopes[o] = static_cast<float>(best_.slope[o * columns + c]);
    for (std::size_t d = 0; d < node.decisions.size(); ++d)
      node.weights[d] = static_cast<float>(best_.weight[place_of(node.decisions[d]) * columns + c]);
    choose(node, c);
    node.x.resize(inputs);
    for (std::size_t i = 0; i < inputs; ++i)
      node.x[i] = static_cast<float>(best_.x[i * columns + c]);
  }
}

void Columns::look(std::span<Node> nodes) {
  load(nodes);
  go_backwards();
  for (std::size_t c = 0; c < nodes.size(); ++c) nodes[c].lower = walk_.sums()[c];
}

void Columns::bound(std::span<Node> nodes, std::size_t steps, double enough) {
  load(nodes);
  for (std::size_t step = 0; step <= steps; ++step) {
    go_backwards();
    go_forwards();
    keep_best(nodes.size());
    const auto last = best_.lower.begin() + static_cast<std::ptrdiff_t>(nodes.size());
    if (*std::min_element(best_.lower.begin(), last) > enough) break;
    if (step < steps) ascend(step);
  }
  store(nodes);
}

std::size_t better_choice(std::span<const Node> halves, double enough) {
  std::size_t best = 0;
  double best_score = -std::numeric_limits<double>::infinity();
  for (std::size_t h = 0; h + 1 < halves.size(); h += 2) {
    const double a = std::min(halves[h].lower, enough), b = std::min(halves[h + 1].lower, enough);
    const double score = std::min(a, b) + better_half_share * std::max(a, b);
    if (score > best_score) best = h, best_score = score;
  }
  return best;
}

}  // namespace rectify::verify
