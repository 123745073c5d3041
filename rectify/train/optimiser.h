#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/run/parameters.h"
#include "rectify/tensor/buffer.h"
#include "rectify/train/options.h"
#include "rectify/train/sweep.h"

namespace rectify::train {

/// The names of all optimisers, in the order of their table (sweep.kernel.cpp).
std::vector<std::string> optimiser_names();

/// The learning rate that a person would start from, for that optimiser.
double usual_rate(const std::string& optimiser);

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
  /// once, by update (from several threads) or update_all; end.
  void begin(double lr, double gradient_scale);
  /// Elements [first, first + count) of one slot; null stands for a gradient of zeros.
  void update(float* parameters, std::size_t slot, std::size_t first, std::size_t count,
              const float* gradient);
  /// All slots but those that `done` says, from gradients of the layout of the parameters.
  void update_all(float* parameters, const float* gradients, const std::vector<bool>& done);
  void end(float* parameters) const;

  /// State between steps, of the layout of the parameters; as many buffers as the rule has.
  std::vector<Buffer>& state() { return state_; }
  std::uint64_t steps() const { return steps_; }
  void set_steps(std::uint64_t steps) { steps_ = steps; }

 private:
  struct Tile {
    std::size_t slot, first, count;
  };
  void limit_norms(float* parameters) const;

  Options options_;
  const run::ParameterLayout& layout_;
  ThreadPool& threads_;
  Sweep sweep_;
  StepSize size_ = {};  ///< of the step that has begun
  std::vector<Tile> tiles_;
  std::vector<Buffer> state_;
  std::uint64_t steps_ = 0;
};

}  // namespace rectify::train
