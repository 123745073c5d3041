#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/run/weight_precision.h"

namespace rectify::model {

/// A model ready to answer.
///
///     const Predictor predictor(load_model("run/best.safetensors"));
///     std::vector<float> samples(3 * predictor.inputs()), answers(3 * predictor.outputs());
///     predictor.run(samples, answers);  // answers to three samples
///
/// Any number of threads may call run() at once. Each call computes on its own thread, in memory of
/// its own, which is kept for the next call.
class Predictor {
 public:
  /// Weights of dense layers are kept as `weights`, in copies that each thread has of its own.
  /// Throws Error for a model without an input "input" or a result, such as one that was moved
  /// from.
  explicit Predictor(Model model, run::WeightPrecision weights = run::WeightPrecision::fp32);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  /// The model as it is run: batch norms are folded into the layers before them.
  const Model& model() const { return model_; }
  /// What weights of dense layers are kept as. model() has them as they were given.
  run::WeightPrecision weights() const { return weights_; }
  std::size_t inputs() const;   ///< numbers in a sample
  std::size_t outputs() const;  ///< numbers in an answer

  /// Computes the answers to n samples. `samples`: n x inputs(), row-major, not normalised.
  /// `answers`: n x outputs(), the outputs of the network: logits if it was trained with a cross
  /// entropy, numbers in the units of the targets in a regression. The answer to a sample does not
  /// depend on the other samples, up to rounding. Throws Error for sizes that do not fit, before
  /// anything is written, and when there is not enough memory.
  void run(std::span<const float> samples, std::span<float> answers) const;

 private:
  class Worker;
  std::unique_ptr<Worker> take() const;
  void give_back(std::unique_ptr<Worker> worker) const;

  mutable Model model_;  ///< mutable: a plan takes parameters by non-const pointer
  run::WeightPrecision weights_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Worker>> idle_;
};

}  // namespace rectify::model
