#pragma once

#include <memory>
#include <span>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/run/plan.h"

namespace rectify::diagnose {

/// Gradients of a network's outputs in its input: what each number of a sample does to an output
/// (Simonyan, Vedaldi & Zisserman 2014). In float32, by the gradient rules that training uses, so
/// also for networks that are not piecewise linear.
///
///     Saliency saliency(model, threads);
///     saliency.gradient(sample, 3);  // of output 3, one number for each of the sample
class Saliency {
 public:
  /// Copies the parameters; the pool must outlive it. Throws Error for a network of ids, which have
  /// no gradient, and for one with an operator that runs forward only.
  Saliency(const model::Model& model, ThreadPool& threads);

  /// `input`: a sample as the network takes it (data::gather scales it). Throws Error for an input
  /// of another size and for an output that there is not.
  std::vector<float> gradient(std::span<const float> input, std::size_t output);

 private:
  struct Nodes {
    graph::Graph graph;
    graph::NodeId gradient = -1;
    std::size_t inputs = 0, outputs = 0;
  };
  static Nodes nodes_of(const model::Model& model);

  Nodes nodes_;
  run::ParameterLayout layout_;
  Buffer parameters_;
  run::Plan plan_;
};

}  // namespace rectify::diagnose
