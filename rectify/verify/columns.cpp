#include "rectify/verify/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/verify/kernels.h"

namespace rectify::verify {

namespace {

/// Steps of the ascent (Kingma & Ba 2015, "Adam"): of slopes, which are in [0, 1], and of weights,
/// relative to the coefficients of what is decided.
constexpr double slope_step = 0.2, weight_step = 0.1, step_decay = 0.95;
constexpr double mean_share = 0.1, size_share = 0.01;

}  // namespace

Columns::Columns(const Structure& structure, const std::vector<LayerState>& states,
                 const Ranges& ranges, std::vector<double> coefficients)
    : structure_(structure),
      states_(states),
      ranges_(ranges),
      coefficients_(std::move(coefficients)),
      transposed_(states.size()),
      open_of_live_(states.size()),
      walk_(structure),
      values_(states.size()) {
  for (std::size_t l = 0; l < states.size(); ++l) {
    const Layer& layer = structure.network.layers[l];
    for (const Layer::Term& term : layer.terms) {
      const Matrix& m = term.matrix;
      std::vector<double> turned(m.dense.size());
      for (std::size_t i = 0; i < m.in && !m.dense.empty(); ++i)
        for (std::size_t o = 0; o < m.out; ++o) turned[o * m.in + i] = m.dense[i * m.out + o];
      transposed_[l].push_back(std::move(turned));
    }
    if (layer.kind != Kind::relu) continue;
    for (std::uint32_t k = 0; k < states[l].live.size(); ++k) {
      const std::uint32_t number = states[l].live[k];
      const bool is_open = ranges.lower[structure.first[layer.source] + number] < 0;
      open_of_live_[l].push_back(is_open ? static_cast<std::int32_t>(open_.size()) : -1);
      if (is_open)
        open_.push_back({l, layer.source, number, k, states[layer.source].place[number]});
    }
  }
}

Node Columns::root() const {
  Node node;
  for (const Open& open : open_)
    node.slopes.push_back(static_cast<float>(states_[open.layer].low_slope[open.number]));
  node.lower = -std::numeric_limits<double>::infinity();
  return node;
}

Node Columns::half(Node node, bool positive) {
  node.decisions.push_back(node.next);
  node.decisions.back().positive = positive;
  node.weights.push_back(positive ? node.positive_weight : node.negative_weight);
  node.can_be_split = false;
  return node;
}

void Columns::load(std::span<const Node> nodes) {
  walk_.start(nodes.size());
  const std::size_t columns = walk_.columns(), size = open_.size() * columns;
  side_.assign(size, 0);
  slope_.assign(size, 0.0), weight_.assign(size, 0.0), coefficient_.assign(size, 0.0);
  mean_.assign(size, 0.0), size_.assign(size, 0.0);
  for (std::size_t c = 0; c < nodes.size(); ++c) {
    for (std::size_t n = 0; n < open_.size(); ++n) slope_[n * columns + c] = nodes[c].slopes[n];
    for (std::size_t d = 0; d < nodes[c].decisions.size(); ++d) {
      const Decision& decision = nodes[c].decisions[d];
      const std::size_t relu = structure_.only_by[decision.layer];
      const auto n =
          static_cast<std::size_t>(open_of_live_[relu][states_[relu].place[decision.number]]);
      side_[n * columns + c] = decision.positive ? 1 : -1;
      weight_[n * columns + c] = nodes[c].weights[d];
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
  const std::size_t columns = walk_.columns(), last = states_.size() - 1;
  walk_.start(columns);
  std::vector<double> x(coefficients_.size() * columns);
  for (std::size_t o = 0; o < coefficients_.size(); ++o)
    std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(o * columns), columns, coefficients_[o]);
  walk_.through_affine(last, x.data(), states_[last].live, states_);
  for (std::size_t l = last; l-- > 1;) {
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
  for (std::size_t l = 1; l + 1 < states_.size(); ++l) {
    const Layer& layer = structure_.network.layers[l];
    const LayerState& state = states_[l];
    std::vector<double>& y = values_[l];
    y.resize(state.live.size() * columns);
    if (layer.kind == Kind::affine) {
      for (std::size_t k = 0; k < state.live.size(); ++k)
        std::fill_n(y.data() + k * columns, columns, layer.bias[state.live[k]]);
      for (std::size_t t = 0; t < layer.terms.size(); ++t) {
        const Matrix& m = layer.terms[t].matrix;
        const std::size_t from = layer.terms[t].from;
        const LayerState& source = states_[from];
        if (!m.dense.empty()) {
          kernels().product(transposed_[l][t].data(), m.in, state.live.data(), state.live.size(),
                            source.live.data(), source.live.size(), values_[from].data(), y.data(),
                            columns, true);
          continue;
        }
        for (std::size_t j = 0; j < source.live.size(); ++j)
          m.each(source.live[j], [&](std::size_t o, double w) {
            if (state.place[o] != LayerState::absent)
              kernels().add_scaled(values_[from].data() + j * columns, w, columns,
                                   y.data() + state.place[o] * columns);
          });
      }
      continue;
    }
    for (std::size_t k = 0; k < state.live.size(); ++k) {
      const std::uint32_t number = state.live[k];
      const double* z =
          values_[layer.source].data() + states_[layer.source].place[number] * columns;
      double* h = y.data() + k * columns;
      const std::int32_t open = open_of_live_[l][k];
      if (open < 0) {
        std::copy_n(z, columns, h);
        continue;
      }
      for (std::size_t c = 0; c < columns; ++c) {
        const std::size_t at = static_cast<std::size_t>(open) * columns + c;
        if (side_[at] != 0)
          h[c] = side_[at] > 0 ? z[c] : 0;
        else
          h[c] = coefficient_[at] >= 0
                     ? slope_[at] * z[c]
                     : state.high_slope[number] * z[c] + state.high_offset[number];
      }
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

/// The number whose line costs the bound most.
void Columns::choose(Node& node, std::size_t column) const {
  const std::size_t columns = walk_.columns();
  double most = 0;
  node.can_be_split = false;
  for (std::size_t o = 0; o < open_.size(); ++o) {
    const std::size_t at = o * columns + column;
    if (side_[at] != 0 || structure_.only_by[open_[o].source] != open_[o].layer) continue;
    const double loss =
        std::abs(coefficient_[at]) * states_[open_[o].layer].high_offset[open_[o].number];
    if (loss <= most) continue;
    most = loss, node.can_be_split = true;
    node.next = {static_cast<std::uint32_t>(open_[o].source), open_[o].number, false};
    // The line below, coefficient slope x, is coefficient x - weight x, or 0 + weight x.
    const double coefficient = std::max(0.0, coefficient_[at]);
    node.positive_weight = static_cast<float>(coefficient * (1 - slope_[at]));
    node.negative_weight = static_cast<float>(coefficient * slope_[at]);
  }
}

void Columns::keep_best(std::span<Node> nodes) {
  const std::size_t columns = walk_.columns(), inputs = structure_.network.inputs();
  for (std::size_t c = 0; c < nodes.size(); ++c) {
    Node& node = nodes[c];
    if (!(walk_.sums()[c] > node.lower)) continue;
    node.lower = walk_.sums()[c];
    for (std::size_t o = 0; o < open_.size(); ++o)
      node.slopes[o] = static_cast<float>(slope_[o * columns + c]);
    for (std::size_t d = 0; d < node.decisions.size(); ++d) {
      const std::size_t relu = structure_.only_by[node.decisions[d].layer];
      const auto o = static_cast<std::size_t>(
          open_of_live_[relu][states_[relu].place[node.decisions[d].number]]);
      node.weights[d] = static_cast<float>(weight_[o * columns + c]);
    }
    choose(node, c);
    node.x.resize(inputs);
    for (std::size_t i = 0; i < inputs; ++i) node.x[i] = values_[0][i * columns + c];
  }
}

void Columns::bound(std::span<Node> nodes, std::size_t steps) {
  load(nodes);
  for (Node& node : nodes) node.lower = -std::numeric_limits<double>::infinity();
  for (std::size_t step = 0; step <= steps; ++step) {
    go_backwards();
    go_forwards();
    keep_best(nodes);
    if (step < steps) ascend(step);
  }
}

}  // namespace rectify::verify
