#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/train/options.h"

namespace rectify::diagnose {

/// What one layer does with a batch, forward and backward. Sizes are root mean squares over the
/// elements.
struct LayerSignal {
  std::string label;         ///< "dense1"
  std::string weight;        ///< "dense1.weight"
  std::string activation;    ///< the activation that follows at once: "relu1"; empty: none
  double weight_rms = 0;     ///< of the weight's elements about 0
  double usual_rms = 0;      ///< what `--init auto` draws them with; 0 if unknown
  double input_rms = 0;      ///< what enters
  double output_rms = 0;     ///< what leaves: the pre-activation
  double output_spread = 0;  ///< of it about each unit's mean: what differs between samples
  double bias_rms = 0;       ///< 0 without a bias
  double bias_mean = 0;
  double bias_median = 0;           ///< of the biases' sizes
  double gradient_rms = 0;          ///< of the loss in the output, times the samples of the batch
  double weight_gradient_norm = 0;  ///< L2 norm of the loss's gradient in the weight
};

/// A value that is a sum of branches, as at the end of a residual block.
struct SumSignal {
  std::string label;    ///< "add1"
  double skip_rms = 0;  ///< of the input that has come the shorter way
  double output_rms = 0;
};

/// How signals pass through a network on one batch of training samples.
struct Signal {
  std::size_t samples = 0;
  std::vector<LayerSignal> layers;  ///< in the network's order
  std::vector<SumSignal> sums;      ///< in the network's order
  double input_rms = 0;
  double result_rms = 0;         ///< of the answers before the loss
  double result_spread = 0;      ///< of them about each output's mean
  double loss = 0;               ///< mean over the batch, penalties not counted
  std::string first_not_finite;  ///< label of the first value with an infinity or NaN; empty: none
};

/// Runs `model`, trained as `options` say, once forward and backward over at most `samples.size()`
/// samples of the training split; as many as fit into 256 MiB. The weights do not change.
Signal measure_signal(const model::Model& model, const train::Options& options,
                      const data::Dataset& dataset, std::span<const std::uint32_t> samples,
                      ThreadPool& threads);

}  // namespace rectify::diagnose
