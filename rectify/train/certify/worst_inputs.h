#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/run/plan.h"

namespace rectify::train {

/// For each sample of a batch, an input near it on which the network does badly: a few steps along
/// the signs of the loss' gradient (Madry et al. 2018, "Towards deep learning models resistant to
/// adversarial attacks"), from the sample.
class WorstInputs {
 public:
  /// `parameters` have the layout of the model and are read at every call. All references must
  /// outlive it.
  WorstInputs(const model::Model& model, float* parameters, ThreadPool& threads);

  /// `samples` are normalised, one after the other; each stays in its box of `centre` and `radius`.
  /// The result is valid until the next call.
  std::span<const float> find(std::span<const float> samples, std::span<const float> centre,
                              std::span<const float> radius, std::span<const std::int32_t> classes);

 private:
  run::Plan& plan_for(std::int64_t batch);

  const model::Model& model_;
  float* parameters_;
  ThreadPool& threads_;
  graph::Graph graph_;
  graph::NodeId gradient_;
  std::map<std::int64_t, std::unique_ptr<run::Plan>> plans_;
  std::vector<float> found_;
};

}  // namespace rectify::train
