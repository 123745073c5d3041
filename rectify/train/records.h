#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::train {

/// One hidden layer after an epoch, over the validation samples (training samples if none are held
/// out). Shares are in [0, 1].
struct LayerRecord {
  std::string label;   ///< of the activation: "relu1"
  std::string weight;  ///< that feeds it (graph::feeding_weight): "dense1.weight"; empty: none does
  double exact_zeros = 0;
  double dead_units = 0;
  double dead_channels = 0;  ///< see model::LayerActivity; NaN where an older program counted none
  /// Outputs where the derivative is below a twentieth of the activation's largest one. Records of
  /// older programs have none.
  std::optional<double> saturated = {};
  /// Channels that were alive after the epoch before and are dead now, and the other way round;
  /// nothing after the first epoch, and in records of older programs.
  std::optional<std::int64_t> died = {}, revived = {};
};

/// The gradient of one weight in an epoch.
struct GradientRecord {
  std::string weight;  ///< "dense1.weight"
  double norm = 0;     ///< L2, mean over the watched steps
  /// How far a step moves the weight, over the weight's own norm (UpdateWatch); mean over every
  /// 64th step. Records of older programs have none, nor have weights that are 0.
  std::optional<double> update_ratio = {};
  bool operator==(const GradientRecord&) const = default;
};

/// One epoch of training.
struct EpochRecord {
  int epoch = 0;                           ///< from 1
  double lr = 0;                           ///< at the first step
  double train_loss = 0, train_error = 0;  ///< while training, before each step
  double validation_loss = 0, validation_error = 0;
  double seconds = 0;         ///< of the training steps alone
  double gradient_ratio = 0;  ///< first weight's norm over the last's, mean over the watched steps
  /// With Options::class_weights: the validation figures where each sample counts as its class
  /// weighs, the loss a mean over the samples as train_loss is. Records of older programs have
  /// none.
  std::optional<double> weighted_loss = {}, weighted_error = {};
  /// With Options::certify: the share of validation samples whose answer bounds do not prove.
  std::optional<double> certified_error = {};
  /// Instead of it with Options::certify_share below 1, where small boxes are bounded: of those.
  std::optional<double> box_error = {};
  std::vector<GradientRecord> gradients;  ///< of every weight, in the network's order
  std::vector<LayerRecord> layers;        ///< of every activation, in the network's order

  /// What decides which epoch is the best one: the share that bounds do not prove, where it was
  /// measured; else the error, with class weights the weighted one. Of epochs of equal error, the
  /// loss.
  double judged_error() const {
    return certified_error ? *certified_error
                           : box_error.value_or(weighted_error.value_or(validation_error));
  }
  double judged_loss() const { return weighted_loss.value_or(validation_loss); }
};

/// One line of history.jsonl, and back. In lines of older programs the norms have no labels: there
/// `weight` is empty everywhere, until label_records() knows the network.
std::string to_json(const EpochRecord& record);
EpochRecord epoch_from_json(const std::string& line);

/// Gives the records of older programs their labels. Throws Error when they are not of this
/// network.
void label_records(std::vector<EpochRecord>& records, const graph::Graph& network);

}  // namespace rectify::train
