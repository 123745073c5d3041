#include "rectify/pretrain/likelihood/enumeration.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rectify/base/error.h"
#include "rectify/pretrain/likelihood/loops.h"

namespace rectify::pretrain {

namespace {

double product_of(const std::vector<std::uint32_t>& levels) {
  double product = 1;
  for (const std::uint32_t n : levels) product *= n;
  return product;
}

/// The largest total input that hidden unit j can have with binary visible units.
double largest_input(const Machine& machine, std::size_t j) {
  double sum = machine.hidden_bias[j];
  for (std::size_t i = 0; i < machine.visible_units(); ++i)
    sum += std::max(0.0f, machine.weight[i * machine.hidden_units() + j]);
  return sum;
}

}  // namespace

std::optional<Enumeration::Side> Enumeration::hidden_side(const Machine& machine) {
  const std::size_t n = machine.hidden_units();
  const std::string_view name = machine.hidden->name;
  Side side{.hidden = true,
            .one_of_all = name == "softmax",
            .bipolar = name == "bipolar",
            .levels = {},
            .states = 0};
  if (side.one_of_all) {
    side.states = static_cast<double>(n);
    return side;
  }
  for (std::size_t j = 0; j < n; ++j) {
    double levels = 2;
    if (machine.hidden->has_copies) levels = machine.copies + 1;
    if (name == "nrelu" && machine.visible->name == "binary")
      levels = std::max(0.0, std::ceil(largest_input(machine, j))) + 12;  // beyond: below 1e-17
    else if (name != "binary" && !side.bipolar && !machine.hidden->has_copies)
      return std::nullopt;
    if (levels > most_states) return std::nullopt;
    side.levels.push_back(static_cast<std::uint32_t>(levels));
  }
  side.states = product_of(side.levels);
  return side;
}

std::optional<Enumeration::Side> Enumeration::smaller_side(const Machine& machine) {
  std::optional<Side> side = hidden_side(machine);
  if (machine.visible->name == "binary") {
    Side visible{.hidden = false, .one_of_all = false, .bipolar = false, .levels = {}, .states = 0};
    visible.levels.assign(machine.visible_units(), 2);
    visible.states = product_of(visible.levels);
    if (!side || visible.states < side->states) side = std::move(visible);
  }
  if (side && side->states > most_states) side.reset();
  return side;
}

bool Enumeration::possible(const Machine& machine) {
  return has_free_energy(machine) && smaller_side(machine);
}

Enumeration::Side Enumeration::checked_side(const Machine& machine) {
  if (!possible(machine))
    fail("the states of a machine of ", machine.visible_units(), " ", machine.visible->name,
         " visible and ", machine.hidden_units(), " ", machine.hidden->name,
         " hidden units cannot be enumerated; one side must have 2^25 states at most, and visible "
         "units must be binary or gaussian");
  return *smaller_side(machine);
}

Enumeration::Enumeration(const Machine& machine, ThreadPool& threads)
    : machine_(machine),
      threads_(threads),
      hidden_(machine),
      side_(checked_side(machine)),
      width_(side_.hidden ? machine.hidden_units() : machine.visible_units()),
      across_(side_.hidden ? machine.visible_units() : machine.hidden_units()),
      chunk_(static_cast<std::size_t>(std::min(side_.states, 4096.0))),
      weight_(machine.weight.size()),
      units_(chunk_ * width_),
      inputs_(chunk_ * across_) {
  std::ranges::copy(machine.weight, weight_.data());
  const auto extent = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const run::Matrix weight =
      run::matrix(weight_.data(), extent(machine.visible_units()), extent(machine.hidden_units()));
  product_.emplace(run::matrix(units_.data(), extent(chunk_), extent(width_)),
                   side_.hidden ? weight.transposed() : weight,
                   run::matrix(inputs_.data(), extent(chunk_), extent(across_)), threads);
}

void Enumeration::write_state(std::uint64_t number, float* units) const {
  if (side_.one_of_all) {
    std::fill_n(units, width_, 0.0f);
    if (number < width_) units[number] = 1;
    return;
  }
  for (std::size_t i = 0; i < width_; ++i) {
    units[i] = static_cast<float>(number % side_.levels[i]);
    if (side_.bipolar) units[i] = 2 * units[i] - 1;
    number /= side_.levels[i];
  }
}

/// Adds the biases to the inputs of the other side, and sums over its states.
double Enumeration::log_weight(const float* units, float* inputs) const {
  const LikelihoodLoops& loops = likelihood_loops();
  const std::vector<float>& own = side_.hidden ? machine_.hidden_bias : machine_.visible_bias;
  const std::vector<float>& other = side_.hidden ? machine_.visible_bias : machine_.hidden_bias;
  loops.scaled(inputs, other.data(), 1, inputs, across_);
  double sum = loops.dot(units, own.data(), width_);
  if (!side_.hidden) return sum + hidden_.log_sum({inputs, across_});
  if (const CopyCount* copies = hidden_.copies())
    for (std::size_t j = 0; j < width_; ++j) sum += copies->log_weight(units[j]);
  if (machine_.visible->name == "binary") return sum + loops.softplus_sum(inputs, across_);
  const double pair = 2 * std::numbers::pi;
  return sum +
         (loops.dot(inputs, inputs, across_) - loops.dot(other.data(), other.data(), across_) +
          static_cast<double>(across_) * std::log(pair)) /
             2;
}

void Enumeration::visit(const std::function<void(const Chunk&)>& look) {
  std::vector<double> log_weights(chunk_);
  const auto states = static_cast<std::uint64_t>(side_.states);
  for (std::uint64_t first = 0; first < states; first += chunk_) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_, states - first));
    threads_.run(chunk_,
                 [&](std::size_t s) { write_state(first + s, &units_.data()[s * width_]); });
    product_->run();
    threads_.run(n, [&](std::size_t s) {
      log_weights[s] = log_weight(&units_.data()[s * width_], &inputs_.data()[s * across_]);
    });
    look({.states = n,
          .units = units_.span().first(n * width_),
          .inputs = inputs_.span().first(n * across_),
          .log_weights = std::span(log_weights).first(n)});
  }
}

}  // namespace rectify::pretrain
