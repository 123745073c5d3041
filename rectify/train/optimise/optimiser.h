#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/run/parameters.h"
#include "rectify/tensor/buffer.h"
#include "rectify/train/optimise/orthogonal.h"
#include "rectify/train/optimise/sweep.h"
#include "rectify/train/options.h"

namespace rectify::train {

/// The names of all optimisers, in the order of their table (sweep.kernel.cpp).
std::vector<std::string> optimiser_names();

/// The usual learning rate of an optimiser, from which a person would start.
double usual_rate(const std::string& optimiser);

/// Steps over fewer samples than these have a lower usual rate.
inline constexpr int usual_batch = 128;

/// The same for these options. Where steps are as long as gradients, it falls in proportion to the
/// samples of a step below usual_batch (Goyal et al. 2017, "Accurate, large minibatch SGD", linear
/// scaling): otherwise many small, noisy steps diverge.
double usual_rate(const Options& options);

/// The options with momentum and beta2 of -1 replaced by the optimiser's usual numbers.
Options with_usual_numbers(Options options);

/// The weight decay of each slot of the layout: the number that `decay_of` gives for its label;
/// else `weight_decay` for weights and 0 for other parameters. Throws Error for an unknown label.
std::vector<double> weight_decays(const Options& options, const run::ParameterLayout& layout);

/// The factor on the learning rate of each slot of the layout: the number that `rate_of` gives for
/// its label, else 1. A slot of factor 0 never changes. Throws Error for an unknown label.
std::vector<double> rate_factors(const Options& options, const run::ParameterLayout& layout);

/// Norms of the gradients of one step.
struct GradientNorms {
  double total = 0;                ///< L2 norm over all parameters; not finite if an element is not
  std::vector<double> parameters;  ///< of each slot of the layout
  /// How far the step moved each slot, over its own norm (UpdateWatch); empty unless wanted.
  std::vector<double> update_ratios = {};
};

/// Updates parameters from their gradients, in one pass over flat memory that is cut into fixed
/// tiles.
class Optimiser {
 public:
  /// Throws Error for a name that is not in optimiser_names().
  Optimiser(const Options& options, const run::ParameterLayout& layout, ThreadPool& threads);

  /// Norms of the gradients, the same bits for any number of threads.
  GradientNorms norms(const float* gradients) const;

  /// One step. `gradient_scale` multiplies every gradient (clipping).
  void step(float* parameters, const float* gradients, double lr, double gradient_scale);

  /// One step in parts, whose gradients may lie anywhere. Call begin(); then update() or
  /// update_all() so that every element of every slot is updated once; then end(). Several threads
  /// may call update() at once. It is for slots with takes_parts(slot).
  void begin(double lr, double gradient_scale);
  bool takes_parts(std::size_t slot) const { return !orthogonal_[slot]; }
  /// Updates elements [first, first + count) of one slot. A null `gradient` stands for zeros.
  void update(float* parameters, std::size_t slot, std::size_t first, std::size_t count,
              const float* gradient);
  /// Updates all slots that are not `done`. `gradients` has the layout of the parameters.
  void update_all(float* parameters, const float* gradients, const std::vector<bool>& done);
  void end(float* parameters) const;

  /// State between steps: as many buffers as the rule has, each with the layout of the parameters.
  std::vector<Buffer>& state() { return state_; }
  const std::vector<Buffer>& state() const { return state_; }
  /// Another momentum from the next step on, for rules that have one.
  void set_momentum(double momentum) { options_.momentum = momentum; }
  std::uint64_t steps() const { return steps_; }
  void set_steps(std::uint64_t steps) { steps_ = steps; }

 private:
  struct Tile {
    std::size_t slot, first, count;
  };
  void orthogonalise_weights();
  void update_whole(float* parameters, std::size_t slot, const float* gradient);
  void limit_norms(float* parameters) const;

  Options options_;
  const run::ParameterLayout& layout_;
  ThreadPool& threads_;
  Sweep sweep_;
  StepSize size_ = {};  ///< of the step that has begun
  std::vector<Tile> tiles_;
  std::vector<double> decays_, rate_factors_;  ///< of each slot
  std::vector<Buffer> state_;
  Buffer scratch_;                                           ///< of all orthogonalisers
  std::vector<std::unique_ptr<Orthogonaliser>> orthogonal_;  ///< of each slot; null: element-wise
  std::vector<double> squares_;                              ///< of the tiles of one slot
  std::uint64_t steps_ = 0;
};

}  // namespace rectify::train
