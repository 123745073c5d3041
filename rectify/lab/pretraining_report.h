#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rectify/pretrain/pretrainer.h"
#include "rectify/pretrain/reconstruction.h"
#include "rectify/report/pretraining.h"

namespace rectify::lab {

/// How a pretraining ended.
struct PretrainingOutcome {
  report::TrainingEnd end = report::TrainingEnd::finished;
  std::string trouble;        ///< see report::Pretraining::trouble
  std::string command, next;  ///< that repeats it, and to go on with
  std::vector<report::Picture> pictures;
  std::optional<pretrain::Reconstruction> reconstruction;  ///< of the test samples
};

/// The PNG files of a pretraining's folder, those that it writes itself first.
std::vector<report::Picture> pictures_in(const std::filesystem::path& folder);

/// All of a pretraining for its page.
report::Pretraining describe_pretraining(const pretrain::Pretrainer& pretrainer,
                                         PretrainingOutcome outcome);

}  // namespace rectify::lab
