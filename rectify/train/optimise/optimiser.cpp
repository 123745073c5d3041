#include "rectify/train/optimise/optimiser.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::train {

namespace {

constexpr std::size_t tile_floats = 16384;

std::span<const Rule> rules() { return {sweeps().rules, sweeps().rule_count}; }

const Rule& find_rule(const std::string& name) {
  for (const Rule& rule : rules())
    if (rule.name == name) return rule;
  fail("there is no optimizer '", name, "'", suggestion(name, optimiser_names()));
}

bool is_weight(const run::ParameterSlot& slot) { return slot.shape.rank() >= 2 && !slot.state; }

/// The sum of squares. It is non-finite exactly if an element is.
double squares_of(const float* g, std::size_t n) {
  const double fast = sweeps().sum_of_squares(g, n);
  if (std::isfinite(fast)) return fast;
  // Either an element is non-finite or a sum overflowed; in doubles only the first can happen.
  double squares = 0;
  for (std::size_t k = 0; k < n; ++k) squares += static_cast<double>(g[k]) * g[k];
  return squares;
}

[[noreturn]] void fail_unknown_label(const char* flag, const std::string& label,
                                     const run::ParameterLayout& layout) {
  std::vector<std::string> labels;
  for (const run::ParameterSlot& slot : layout.slots()) {
    labels.push_back(slot.label);
    if (is_weight(slot)) labels.push_back(slot.label.substr(0, slot.label.rfind('.')));
  }
  fail("--", flag, ": the network has no weight of '", label, "'", suggestion(label, labels));
}

/// Sets the number of each slot that a list "label=number, ..." names.
void set_by_label(const char* flag, const std::string& list, const run::ParameterLayout& layout,
                  std::vector<double>& numbers) {
  for (const auto& [label, number] : parse_by_label(flag, list)) {
    bool known = false;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const run::ParameterSlot& slot = layout.slots()[i];
      const bool layer = slot.label.starts_with(label + ".") && is_weight(slot);
      if (slot.label != label && !layer) continue;
      numbers[i] = number;
      known = true;
    }
    if (!known) fail_unknown_label(flag, label, layout);
  }
}

/// A weight as a matrix: its last extent, the units, are the columns.
std::int64_t columns_of(const run::ParameterSlot& slot) {
  return slot.shape[slot.shape.rank() - 1];
}
std::int64_t rows_of(const run::ParameterSlot& slot) {
  return static_cast<std::int64_t>(slot.size) / columns_of(slot);
}

}  // namespace

std::vector<std::string> optimiser_names() {
  std::vector<std::string> names;
  for (const Rule& rule : rules()) names.emplace_back(rule.name);
  return names;
}

double usual_rate(const std::string& optimiser) { return find_rule(optimiser).rate; }

double usual_rate(const Options& options) {
  const Rule& rule = find_rule(options.optimizer);
  const double samples = 1.0 * options.batch * options.accumulate;
  return rule.follows_gradients ? rule.rate * std::min(1.0, samples / usual_batch) : rule.rate;
}

Options with_usual_numbers(Options options) {
  const Rule& rule = find_rule(options.optimizer);
  if (options.momentum == -1) options.momentum = rule.momentum;
  if (options.beta2 == -1) options.beta2 = rule.beta2;
  return options;
}

std::vector<double> weight_decays(const Options& options, const run::ParameterLayout& layout) {
  std::vector<double> decays;
  for (const run::ParameterSlot& slot : layout.slots())
    decays.push_back(is_weight(slot) ? options.weight_decay : 0);
  set_by_label("decay-of", options.decay_of, layout, decays);
  return decays;
}

std::vector<double> rate_factors(const Options& options, const run::ParameterLayout& layout) {
  std::vector<double> factors(layout.slots().size(), 1);
  set_by_label("rate-of", options.rate_of, layout, factors);
  return factors;
}

Optimiser::Optimiser(const Options& options, const run::ParameterLayout& layout,
                     ThreadPool& threads)
    : options_(with_usual_numbers(options)),
      layout_(layout),
      threads_(threads),
      decays_(weight_decays(options, layout)),
      rate_factors_(rate_factors(options, layout)),
      orthogonal_(layout.slots().size()) {
  const Rule& rule = find_rule(options.optimizer);
  sweep_ = rule.sweep;
  for (int i = 0; i < rule.buffers; ++i) state_.emplace_back(layout.floats());
  for (std::size_t slot = 0; slot < layout.slots().size(); ++slot) {
    const run::ParameterSlot& s = layout.slots()[slot];
    if (s.state) continue;
    for (std::size_t first = 0; first < s.size; first += tile_floats)
      tiles_.push_back({slot, first, std::min(tile_floats, s.size - first)});
  }
  if (rule.orthogonal) orthogonalise_weights();
}

void Optimiser::orthogonalise_weights() {
  std::size_t floats = 0, largest = 0;
  for (const run::ParameterSlot& slot : layout_.slots()) {
    if (!is_weight(slot)) continue;
    floats = std::max(floats, Orthogonaliser::floats_needed(rows_of(slot), columns_of(slot)));
    largest = std::max(largest, slot.size);
  }
  scratch_ = Buffer(floats);
  squares_.resize((largest + tile_floats - 1) / tile_floats);
  for (std::size_t i = 0; i < orthogonal_.size(); ++i) {
    const run::ParameterSlot& slot = layout_.slots()[i];
    if (is_weight(slot))
      orthogonal_[i] = std::make_unique<Orthogonaliser>(rows_of(slot), columns_of(slot),
                                                        scratch_.data(), threads_);
  }
}

GradientNorms Optimiser::norms(const float* gradients) const {
  std::vector<double> squares(tiles_.size());
  threads_.run(tiles_.size(), [&](std::size_t i) {
    const Tile& tile = tiles_[i];
    const float* g = gradients + layout_.slots()[tile.slot].offset + tile.first;
    squares[i] = squares_of(g, tile.count);
  });
  GradientNorms norms{.parameters = std::vector<double>(layout_.slots().size())};
  for (std::size_t i = 0; i < tiles_.size(); ++i) norms.parameters[tiles_[i].slot] += squares[i];
  for (double& norm : norms.parameters) {
    norms.total += norm;
    norm = std::sqrt(norm);
  }
  norms.total = std::sqrt(norms.total);
  return norms;
}

void Optimiser::step(float* parameters, const float* gradients, double lr, double gradient_scale) {
  begin(lr, gradient_scale);
  update_all(parameters, gradients, std::vector<bool>(layout_.slots().size()));
  end(parameters);
}

void Optimiser::begin(double lr, double gradient_scale) {
  ++steps_;
  const double t = static_cast<double>(steps_);
  size_ = {.lr = static_cast<float>(lr),
           .gradient_scale = static_cast<float>(gradient_scale),
           .momentum = static_cast<float>(options_.momentum),
           .beta1 = static_cast<float>(options_.beta1),
           .beta2 = static_cast<float>(options_.beta2),
           .epsilon = static_cast<float>(options_.epsilon),
           .correction1 = static_cast<float>(1 / (1 - std::pow(options_.beta1, t))),
           .correction2 = static_cast<float>(1 / (1 - std::pow(options_.beta2, t)))};
}

void Optimiser::update(float* parameters, std::size_t slot, std::size_t first, std::size_t count,
                       const float* gradient) {
  if (rate_factors_[slot] == 0) return;
  const run::ParameterSlot& s = layout_.slots()[slot];
  const std::size_t at = s.offset + first;
  StepSize size = size_;
  size.lr *= static_cast<float>(rate_factors_[slot]);
  size.decay = static_cast<float>(decays_[slot]);
  if (!gradient && state_.empty() && size.decay == 0) return;
  static constexpr float zeros[1024] = {};
  const std::size_t part = gradient ? count : std::size(zeros);
  for (std::size_t done = 0; done < count; done += part)
    sweep_(parameters + at + done, gradient ? gradient : zeros,
           state_.size() > 0 ? state_[0].data() + at + done : nullptr,
           state_.size() > 1 ? state_[1].data() + at + done : nullptr, std::min(part, count - done),
           size);
}

void Optimiser::update_all(float* parameters, const float* gradients,
                           const std::vector<bool>& done) {
  threads_.run(tiles_.size(), [&](std::size_t i) {
    const auto& [slot, first, count] = tiles_[i];
    if (!done[slot] && takes_parts(slot))
      update(parameters, slot, first, count, gradients + layout_.slots()[slot].offset + first);
  });
  for (std::size_t slot = 0; slot < orthogonal_.size(); ++slot)
    if (!takes_parts(slot))
      update_whole(parameters, slot, gradients + layout_.slots()[slot].offset);
}

// Muon (Jordan et al. 2024) in the form of Liu et al. 2025, "Muon is scalable for LLM training",
// equation 4: the decay acts on the weight itself, and each step is scaled to the root mean square
// of a typical step of adamw, so that one learning rate serves all parameters.
void Optimiser::update_whole(float* parameters, std::size_t slot, const float* gradient) {
  if (rate_factors_[slot] == 0) return;
  const run::ParameterSlot& s = layout_.slots()[slot];
  const Orthogonaliser& orthogonaliser = *orthogonal_[slot];
  float* const velocity = state_[0].data() + s.offset;
  const std::size_t tiles = (s.size + tile_floats - 1) / tile_floats;
  threads_.run(tiles, [&](std::size_t tile) {
    const std::size_t first = tile * tile_floats, n = std::min(tile_floats, s.size - first);
    float* const x = orthogonaliser.input() + first;
    sweeps().look_ahead(x, gradient + first, velocity + first, n, size_);
    squares_[tile] = squares_of(x, n);
  });
  double squares = 0;
  for (std::size_t tile = 0; tile < tiles; ++tile) squares += squares_[tile];
  const float* const direction = orthogonaliser.run(squares);
  const auto longer = static_cast<double>(std::max(rows_of(s), columns_of(s)));
  StepSize size = size_;
  size.lr *= static_cast<float>(rate_factors_[slot]);
  size.gradient_scale = static_cast<float>(0.2 * std::sqrt(longer));
  size.decay = static_cast<float>(decays_[slot]);
  threads_.run(tiles, [&](std::size_t tile) {
    const std::size_t first = tile * tile_floats, n = std::min(tile_floats, s.size - first);
    sweeps().decayed_step(parameters + s.offset + first, direction + first, nullptr, nullptr, n,
                          size);
  });
}

void Optimiser::end(float* parameters) const {
  if (options_.max_norm > 0) limit_norms(parameters);
}

// The incoming weights of a unit are a column of the weight: its last axis is the units. Srebro &
// Shraibman 2005.
void Optimiser::limit_norms(float* parameters) const {
  for (std::size_t i = 0; i < layout_.slots().size(); ++i) {
    const run::ParameterSlot& slot = layout_.slots()[i];
    if (!is_weight(slot) || rate_factors_[i] == 0) continue;
    float* w = parameters + slot.offset;
    const std::int64_t columns = slot.shape.back(), rows = slot.shape.size() / columns;
    constexpr std::int64_t part = 64;
    threads_.run(static_cast<std::size_t>((columns + part - 1) / part), [&](std::size_t tile) {
      const std::int64_t first = static_cast<std::int64_t>(tile) * part;
      const std::int64_t count = std::min(part, columns - first);
      double squares[part] = {};
      float factor[part];
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < count; ++c) {
          const double value = w[r * columns + first + c];
          squares[c] += value * value;
        }
      for (std::int64_t c = 0; c < count; ++c) {
        const double norm = std::sqrt(squares[c]);
        factor[c] = norm > options_.max_norm ? static_cast<float>(options_.max_norm / norm) : 1.0f;
      }
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < count; ++c) w[r * columns + first + c] *= factor[c];
    });
  }
}

}  // namespace rectify::train
