#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/train/options.h"

namespace rectify::lab {

struct RelufyOptions {
  /// What takes the place of smooth activations, as in a model's text: exactly 0 to the left.
  std::string activation = "relu";
  /// relu(x - shift) for every layer that can be shifted; without it each layer has its own, chosen
  /// by `zeros`.
  std::optional<double> shift = {};
  double zeros = 0.9;  ///< share of a layer's outputs that the shift makes 0; (0, 1)
  bool hold = false;   ///< whether shifts are chosen again after each epoch too
  std::vector<std::string> layers = {};  ///< labels of the activations to replace; empty: all
  /// How each layer's replacement is trained on: `epochs` are those after one layer. `validation`
  /// and `split_seed` say which samples judge.
  train::Options training = {};
};

/// What became of one activation. Errors are those of validation samples, as in model::Evaluation.
struct RelufiedLayer {
  std::string label = {}, before = {};  ///< of the activation that was: "gelu1", "gelu"
  std::string after = {};               ///< the label of what is there now: "relu1"
  double shift = 0;    ///< relu(x - shift), put into the bias; 0 where there is none
  double swapped = 0;  ///< the network's error with the layer replaced, not trained on yet
  double error = 0;    ///< after training on
  int best_epoch = 0;  ///< 0: no epoch was better than `swapped`
  double zeros_before = 0,
         zeros_after = 0;  ///< share of exact zeros, in the first and last network
  std::string said = {};   ///< remarks for people; may be empty
};

/// A network with rectifiers in place of smooth activations.
struct Relufied {
  model::Model model;
  std::vector<RelufiedLayer> layers;  ///< those that were replaced, in the network's order
  struct Errors {
    double validation = 0, test = 0;  ///< `test` is 0 where there is no test split
    std::size_t validation_samples = 0, test_samples = 0;
  };
  Errors before, after;
};

/// Replaces smooth activations, and those of gates, by rectifiers, one layer after the other from
/// the input on, and trains the whole network on for a short time after each (Mirzadeh et al. 2023,
/// "ReLU strikes back"). A shift is a change of the bias before the activation. Where it is chosen,
/// it is what the quantile `zeros` of the pre-activations asks for, never less than 0. Training
/// makes zeros fewer: so the shifts of all layers so far are chosen again before each training, and
/// with `hold` after each of its epochs, which costs more error. Where the error on validation then
/// stays above that of the first network by more than its standard error, the layer is tried
/// without a shift too, and the better of both is kept. The test split is read once, at the end.
/// The data must fit the model, with classes in its order. The same bits for any number of threads.
///
/// Throws Error for an activation that is not 0 to the left, unknown layers, options out of range,
/// and a network without smooth activations; NonFinite; Stopped where `stop` says so.
///
///     const Relufied sparse = relufy(model, dataset, {.training = options}, threads);
///     sparse.layers[0].zeros_after;  // 0.9
///     model::save("sparse.safetensors", model::to_file(sparse.model));
Relufied relufy(const model::Model& model, const data::Dataset& dataset,
                const RelufyOptions& options, ThreadPool& threads,
                const ProgressCallback& progress = {}, const StopCallback& stop = {});

}  // namespace rectify::lab
