#include "rectify/train/optimiser.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::train {

namespace {

constexpr std::size_t tile_floats = 16384;

struct Rule {
  const char* name;
  Sweep Sweeps::*sweep;
  int state_buffers;
  double usual_rate;
};

constexpr Rule rules[] = {{"sgd", &Sweeps::sgd, 0, 0.1},
                          {"momentum", &Sweeps::momentum, 1, 0.2},
                          {"nesterov", &Sweeps::nesterov, 1, 0.2},
                          {"adam", &Sweeps::adam, 2, 1e-3},
                          {"adamw", &Sweeps::adamw, 2, 1e-3}};

const Rule& find_rule(const std::string& name) {
  for (const Rule& rule : rules)
    if (rule.name == name) return rule;
  fail("there is no optimizer '", name, "'", suggestion(name, optimiser_names()));
}

bool is_weight(const run::ParameterSlot& slot) { return slot.shape.rank() >= 2; }

}  // namespace

std::vector<std::string> optimiser_names() {
  std::vector<std::string> names;
  for (const Rule& rule : rules) names.emplace_back(rule.name);
  return names;
}

double usual_rate(const std::string& optimiser) { return find_rule(optimiser).usual_rate; }

Optimiser::Optimiser(const Options& options, const run::ParameterLayout& layout,
                     ThreadPool& threads)
    : options_(options), layout_(layout), threads_(threads) {
  const Rule& rule = find_rule(options.optimizer);
  sweep_ = sweeps().*rule.sweep;
  for (int i = 0; i < rule.state_buffers; ++i) state_.emplace_back(layout.floats());
  for (std::size_t slot = 0; slot < layout.slots().size(); ++slot) {
    const run::ParameterSlot& s = layout.slots()[slot];
    for (std::size_t first = 0; first < s.size; first += tile_floats)
      tiles_.push_back({slot, first, std::min(tile_floats, s.size - first)});
  }
}

GradientNorms Optimiser::norms(const float* gradients) const {
  std::vector<double> squares(tiles_.size());
  threads_.run(tiles_.size(), [&](std::size_t i) {
    const Tile& tile = tiles_[i];
    const float* g = gradients + layout_.slots()[tile.slot].offset + tile.first;
    squares[i] = sweeps().sum_of_squares(g, tile.count);
    if (std::isfinite(squares[i])) return;
    // Either an element is not finite or squares overflowed; doubles tell which.
    squares[i] = 0;
    for (std::size_t k = 0; k < tile.count; ++k) squares[i] += static_cast<double>(g[k]) * g[k];
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
  const run::ParameterSlot& s = layout_.slots()[slot];
  const std::size_t at = s.offset + first;
  StepSize size = size_;
  size.decay = is_weight(s) ? static_cast<float>(options_.weight_decay) : 0.0f;
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
    if (!done[slot])
      update(parameters, slot, first, count, gradients + layout_.slots()[slot].offset + first);
  });
}

void Optimiser::end(float* parameters) const {
  if (options_.max_norm > 0) limit_norms(parameters);
}

// A unit's incoming weights are a column of its layer's weight, whose last axis are the units.
// Srebro & Shraibman 2005.
void Optimiser::limit_norms(float* parameters) const {
  for (const run::ParameterSlot& slot : layout_.slots()) {
    if (!is_weight(slot)) continue;
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
