#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/pretrain/likelihood/hidden.h"
#include "rectify/pretrain/machine.h"
#include "rectify/run/matrix_product.h"
#include "rectify/tensor/buffer.h"

namespace rectify::pretrain {

/// All states of one side of a machine, some thousand at a time, each with its logarithmic weight:
/// the other side summed over all of its states.
class Enumeration {
 public:
  static constexpr double most_states = 1 << 25;

  /// The machine and the pool must outlive it. Throws Error when neither side can be enumerated.
  Enumeration(const Machine& machine, ThreadPool& threads);

  /// Whether one side has at most `most_states`.
  static bool possible(const Machine& machine);

  struct Chunk {
    std::size_t states;
    std::span<const float> units;         ///< states x units of the side
    std::span<const float> inputs;        ///< states x total inputs of the other side
    std::span<const double> log_weights;  ///< of each state
  };
  void visit(const std::function<void(const Chunk&)>& look);

  bool of_hidden() const { return side_.hidden; }

 private:
  /// A side with finitely many states: unit i has the values 0 ... levels[i] - 1, or, of bipolar
  /// units, -1 and 1; of softmax units one is 1.
  struct Side {
    bool hidden, one_of_all, bipolar;
    std::vector<std::uint32_t> levels;
    double states;
  };
  static std::optional<Side> smaller_side(const Machine& machine);
  static std::optional<Side> hidden_side(const Machine& machine);
  static Side checked_side(const Machine& machine);
  void write_state(std::uint64_t number, float* units) const;
  double log_weight(const float* units, float* inputs) const;

  const Machine& machine_;
  ThreadPool& threads_;
  const HiddenLayer hidden_;
  const Side side_;
  const std::size_t width_, across_, chunk_;
  Buffer weight_, units_, inputs_;
  std::optional<run::MatrixProduct> product_;
};

}  // namespace rectify::pretrain
