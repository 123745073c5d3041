#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/pretrain/likelihood/hidden.h"
#include "rectify/run/plan.h"

namespace rectify::pretrain {

/// Samples of one side of a machine and the product of them with its weights, as a plan for some
/// chains that is made once.
class SampledProduct {
 public:
  /// `up`: from the visible units' total inputs to the hidden ones'; otherwise down, without the
  /// bias. Unless `sampled`, what goes in are samples already.
  SampledProduct(const Machine& machine, bool up, bool sampled, std::size_t chains,
                 ThreadPool& threads);

  float* input() { return plan_.input(at_.input); }
  /// What it held in the last run.
  std::span<const float> inputs() const { return plan_.value(at_.input); }
  void run(std::uint64_t seed, std::uint32_t draw) { plan_.run({.seed = seed, .step = draw}); }
  std::span<const float> samples() const { return plan_.value(at_.samples); }
  std::span<const float> product() const { return plan_.value(at_.product); }

 private:
  struct Places {
    graph::NodeId input, samples, product;
  };
  graph::Graph graph_;
  const Places at_;
  const run::ParameterLayout layout_;
  Buffer parameters_;
  run::Plan plan_;
};

/// Chains of Gibbs sampling side by side, at any inverse temperature `beta` between a base-rate
/// model and a machine (annealing.h). Random numbers have addresses: `draw` is another one for each
/// call.
class AnnealedChains {
 public:
  /// All must outlive it but `base_bias`.
  AnnealedChains(const Machine& machine, std::vector<float> base_bias, std::size_t chains,
                 std::uint64_t seed, ThreadPool& threads);

  /// Draws the visible units from the base-rate model, or sets them.
  void begin(std::uint32_t draw);
  void set(std::span<const float> rows);
  /// Draws the hidden units and then the visible ones.
  void step(double beta, std::uint32_t draw);

  std::span<const float> visible() const { return visible_; }
  /// The total inputs that the visible units were last drawn with, but for set().
  std::span<const float> visible_inputs() const { return up_.inputs(); }
  /// Adds to the sum of each chain by how much the logarithm of its visible units' weight grows
  /// from one temperature to a higher one.
  void add_gains(double from, double to, std::span<double> sums) const;
  /// The logarithm of the base-rate model's partition function.
  double base_log_partition() const;

 private:
  void write_hidden(std::size_t chain, float beta, std::uint32_t draw);

  const Machine& machine_;
  const HiddenLayer hidden_;
  const std::vector<float> base_bias_;
  std::vector<float> bias_change_;  ///< from the base-rate model's visible biases to the machine's
  std::vector<float> zeros_;
  const std::size_t chains_;
  const std::uint64_t seed_;
  ThreadPool& threads_;
  SampledProduct down_, up_;
  std::vector<float> set_visible_, set_inputs_;
  std::span<const float> visible_, inputs_;  ///< of the hidden units
};

}  // namespace rectify::pretrain
