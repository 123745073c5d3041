#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "rectify/model/model.h"

namespace rectify::model {

/// A model ready to answer. Any number of threads may call run() at once: each call computes on the
/// thread that makes it, in memory of its own, which is kept for the next call.
class Predictor {
 public:
  explicit Predictor(Model model);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  /// The model with what is constant in inference folded into its layers.
  const Model& model() const { return model_; }
  std::size_t inputs() const;   ///< numbers in a sample
  std::size_t outputs() const;  ///< numbers in an answer

  /// `samples`: n x inputs(), row-major, not normalised; `answers`: n x outputs(), the numbers that
  /// the network ends in (logits, where it was trained with a cross entropy), in a regression in
  /// the units of its targets. A row's answer does not depend on the other rows, up to rounding.
  /// Throws Error for sizes that do not fit, without having written anything, and when there is not
  /// enough memory.
  void run(std::span<const float> samples, std::span<float> answers) const;

 private:
  class Worker;
  std::unique_ptr<Worker> take() const;
  void give_back(std::unique_ptr<Worker> worker) const;

  mutable Model model_;  ///< plans want parameters that they may write; in inference none does
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Worker>> idle_;
};

}  // namespace rectify::model
