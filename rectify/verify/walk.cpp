#include <algorithm>
#include <numeric>

#include "rectify/verify/bounds.h"
#include "rectify/verify/kernels.h"

namespace rectify::verify {

void LayerState::set_live(std::vector<std::uint32_t> list, std::size_t width) {
  live = std::move(list);
  place.assign(width, absent);
  for (std::size_t k = 0; k < live.size(); ++k) place[live[k]] = static_cast<std::uint32_t>(k);
}

Structure::Structure(const Network& network)
    : network(network),
      only_by(network.layers.size(), none),
      is_bounded(network.layers.size()),
      is_bent(network.layers.size()),
      share(4 * network.additions() * 0x1p-53) {
  std::vector<std::size_t> readers(network.layers.size());
  first.push_back(0);
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    first.push_back(first.back() + layer.width);
    turned.emplace_back();
    for (const Layer::Term& term : layer.terms) {
      ++readers[term.from];
      const Matrix& m = term.matrix;
      std::vector<double>& to = turned.back().emplace_back(m.dense.size());
      for (std::size_t i = 0; i < m.in && !m.dense.empty(); ++i)
        for (std::size_t o = 0; o < m.out; ++o) to[o * m.in + i] = m.dense[i * m.out + o];
    }
    if (layer.kind == Kind::input || layer.kind == Kind::affine) continue;
    ++readers[layer.source];
    only_by[layer.source] = l, is_bounded[layer.source] = true;
    if (layer.kind == Kind::smooth) is_bent[layer.source] = true;
  }
  for (std::size_t l = 0; l < readers.size(); ++l)
    if (readers[l] != 1 || network.layers[l].kind == Kind::input) only_by[l] = none;
}

Walk::Walk(const Structure& structure)
    : structure_(structure),
      blocks_(structure.network.layers.size()),
      filled_(structure.network.layers.size()) {}

void Walk::start(std::size_t functions) {
  columns_ = (functions + 7) / 8 * 8;
  std::ranges::fill(filled_, 0);
  sums_.assign(columns_, 0.0);
}

double* Walk::block(std::size_t layer, const std::vector<LayerState>& states) {
  std::vector<double>& block = blocks_[layer];
  const std::size_t size = states[layer].live.size() * columns_;
  if (!filled_[layer]) block.assign(size, 0.0);
  filled_[layer] = 1;
  return block.data();
}

void Walk::watch(std::size_t functions) {
  watched_ = functions;
  if (functions > 0) losses_.assign(structure_.first.back(), 0.0);
}

void Walk::add_numbers(std::size_t layer, std::span<const std::uint32_t> numbers, double factor,
                       std::size_t column, std::size_t step,
                       const std::vector<LayerState>& states) {
  const Layer& of = structure_.network.layers[layer];
  std::vector<std::uint32_t> place(of.width, LayerState::absent);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    sums_[column + step * k] += factor * of.bias[numbers[k]] - states[layer].error[numbers[k]];
    place[numbers[k]] = static_cast<std::uint32_t>(column + step * k);
  }
  for (const Layer::Term& term : of.terms) {
    double* to = block(term.from, states);
    for (const std::uint32_t j : states[term.from].live) {
      if (!term.matrix.dense.empty()) {
        const double* weights = term.matrix.dense.data() + j * of.width;
        for (std::size_t k = 0; k < numbers.size(); ++k)
          to[column + step * k] += factor * weights[numbers[k]];
      } else {
        term.matrix.each(j, [&](std::size_t o, double w) {
          if (place[o] != LayerState::absent) to[place[o]] += factor * w;
        });
      }
      to += columns_;
    }
  }
}

void Walk::through_affine(std::size_t layer, const double* x, std::span<const std::uint32_t> list,
                          const std::vector<LayerState>& states) {
  const Layer& of = structure_.network.layers[layer];
  above_.resize(list.size()), below_.resize(list.size());
  for (std::size_t k = 0; k < list.size(); ++k) {
    above_[k] = of.bias[list[k]] - states[layer].error[list[k]];
    below_[k] = of.bias[list[k]] + states[layer].error[list[k]];
  }
  kernels().add_constants(x, above_.data(), below_.data(), list.size(), columns_, sums_.data());
  for (const Layer::Term& term : of.terms) {
    const LayerState& from = states[term.from];
    const Matrix& matrix = term.matrix;
    if (!matrix.dense.empty()) {
      const bool add = filled_[term.from] != 0;
      if (!add) blocks_[term.from].resize(from.live.size() * columns_);
      filled_[term.from] = 1;
      kernels().product(matrix.dense.data(), matrix.out, from.live.data(), from.live.size(),
                        list.data(), list.size(), x, blocks_[term.from].data(), columns_, add);
      continue;
    }
    double* to = block(term.from, states);
    std::vector<std::uint32_t> place(of.width, LayerState::absent);
    for (std::size_t k = 0; k < list.size(); ++k) place[list[k]] = static_cast<std::uint32_t>(k);
    for (const std::uint32_t j : from.live) {
      for (std::uint32_t e = matrix.begin[j]; e < matrix.begin[j + 1]; ++e)
        if (const std::uint32_t k = place[matrix.index[e]]; k != LayerState::absent)
          kernels().add_scaled(x + k * columns_, matrix.weight[e], columns_, to);
      to += columns_;
    }
  }
}

void Walk::through_activation(std::size_t layer, const std::vector<LayerState>& states) {
  const std::size_t source = structure_.network.layers[layer].source;
  const LayerState& state = states[layer];
  std::vector<double>& x = blocks_[layer];
  const std::size_t count = state.live.size();
  above_.resize(count), below_.resize(count);
  for (std::size_t k = 0; k < count; ++k) {
    above_[k] = state.low_offset[state.live[k]], below_[k] = state.high_offset[state.live[k]];
    if (watched_ == 0 || state.high_slope[state.live[k]] == state.low_slope[state.live[k]])
      continue;
    double& loss = losses_[structure_.first[source] + state.live[k]];
    for (std::size_t c = 0; c < watched_; ++c)
      loss = std::max(loss, std::abs(x[k * columns_ + c]) * state.high_offset[state.live[k]]);
  }
  kernels().add_constants(x.data(), above_.data(), below_.data(), count, columns_, sums_.data());
  for (std::size_t k = 0; k < count; ++k) {
    above_[k] = state.low_slope[state.live[k]], below_[k] = state.high_slope[state.live[k]];
  }
  kernels().scale(x.data(), above_.data(), below_.data(), count, columns_);
  if (structure_.only_by[source] == layer) {
    std::swap(x, blocks_[source]);
    filled_[source] = 1;
    return;
  }
  double* to = block(source, states);
  for (std::size_t k = 0; k < count; ++k)
    kernels().add_scaled(x.data() + k * columns_, 1, columns_,
                         to + states[source].place[state.live[k]] * columns_);
}

void Walk::run(std::size_t end, const std::vector<LayerState>& states, const Ranges& ranges) {
  for (std::size_t l = end; l-- > 1;) {
    if (!filled_[l]) continue;
    if (structure_.network.layers[l].kind == Kind::affine)
      through_affine(l, blocks_[l].data(), states[l].live, states);
    else
      through_activation(l, states);
  }
  const std::size_t inputs = structure_.network.inputs();
  const double* x = block(0, states);
  above_.resize(inputs), below_.resize(inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    const double slack = structure_.share * states[0].size[i];
    above_[i] = ranges.lower[i] - slack, below_[i] = ranges.upper[i] + slack;
  }
  kernels().add_constants(x, above_.data(), below_.data(), inputs, columns_, sums_.data());
}

}  // namespace rectify::verify
