#pragma once

#include <string>
#include <vector>

namespace rectify::train {

/// One hidden layer after an epoch, over the validation samples (training samples if none are held
/// out). Shares are in [0, 1].
struct LayerRecord {
  std::string label;
  double exact_zeros = 0;
  double dead_units = 0;
};

/// One epoch of training.
struct EpochRecord {
  int epoch = 0;                           ///< from 1
  double lr = 0;                           ///< at the first step
  double train_loss = 0, train_error = 0;  ///< while training, before each step
  double validation_loss = 0, validation_error = 0;
  double seconds = 0;             ///< of the training steps alone
  double gradient_ratio = 0;      ///< first weight's gradient norm over the last's, and
  std::vector<double> gradients;  ///< L2 norm of each weight's gradient: means over watched steps
  std::vector<LayerRecord> layers;
};

/// One line of history.jsonl.
std::string to_json(const EpochRecord& record);
/// Throws Error for what is no such line.
EpochRecord epoch_from_json(const std::string& line);

}  // namespace rectify::train
