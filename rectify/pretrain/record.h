#pragma once

#include <optional>
#include <string>

namespace rectify::pretrain {

/// One epoch of one layer, or of all layers unrolled.
struct Record {
  int layer = 0, epoch = 0;  ///< from 1; layer 0: all of them, unrolled
  double lr = 0;
  /// Reconstruction error or what else the layer minimises, while training and on the validation
  /// samples; nothing where it minimises nothing.
  std::optional<double> loss, validation_loss;
  /// Mean free energy of validation samples less that of as many training samples: it grows when
  /// the machine begins to learn samples by heart (Hinton 2010, section 6).
  std::optional<double> free_energy_gap;
  double mean_activity = 0;  ///< of the layer's outputs, over the validation samples
  double zeros = 0;          ///< share of them that are 0
  double seconds = 0;        ///< of the training steps alone
};

/// One line of history.jsonl, and back.
std::string to_json(const Record& record);
Record record_from_json(const std::string& line);

}  // namespace rectify::pretrain
