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

/// The learning rate that a person would start from, for that optimiser.
double usual_rate(const std::string& optimiser);

/// The options with the optimiser's usual numbers where they say -1: momentum and beta2.
Options with_usual_numbers(Options options);

/// The weight decay of each slot of the layout: `weight_decay` for weights and 0 for the rest, but
/// what `decay_of` says for the labels that it names. Throws Error when there is no such parameter.
std::vector<double> weight_decays(const Options& options, const run::ParameterLayout& layout);

/// The factor on the learning rate of each slot of the layout: 1, or what `rate_of` says; a slot of
/// factor 0 is left as it is. Throws Error when there is no such parameter.
std::vector<double> rate_factors(const Options& options, const run::ParameterLayout& layout);

/// What the gradients of one step look like.
struct GradientNorms {
  double total = 0;                ///< L2 norm over all parameters; not finite if an element is not
  std::vector<double> parameters;  ///< of each slot of the layout
};

/// Changes parameters by their gradients, as one sweep over flat memory cut into fixed tiles.
class Optimiser {
 public:
  /// Throws Error for a name that is not in optimiser_names().
  Optimiser(const Options& options, const run::ParameterLayout& layout, ThreadPool& threads);

  /// Norms of the gradients, the same bits for any number of threads.
  GradientNorms norms(const float* gradients) const;

  /// One step. `gradient_scale` multiplies every gradient (clipping).
  void step(float* parameters, const float* gradients, double lr, double gradient_scale);

  /// The same in parts, whose gradients come from anywhere: begin; every element of every slot
  /// once, by update (from several threads; only where takes_parts(slot)) or update_all; end.
  void begin(double lr, double gradient_scale);
  bool takes_parts(std::size_t slot) const { return !orthogonal_[slot]; }
  /// Elements [first, first + count) of one slot; null stands for a gradient of zeros.
  void update(float* parameters, std::size_t slot, std::size_t first, std::size_t count,
              const float* gradient);
  /// All slots but those that `done` says, from gradients of the layout of the parameters.
  void update_all(float* parameters, const float* gradients, const std::vector<bool>& done);
  void end(float* parameters) const;

  /// State between steps, of the layout of the parameters; as many buffers as the rule has.
  std::vector<Buffer>& state() { return state_; }
  const std::vector<Buffer>& state() const { return state_; }
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
