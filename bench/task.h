#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::bench {

/// Work that Rectify and its peers are asked to do alike: steps of training, or inference, of an
/// MLP with ReLU or of another network. bench/workloads.py makes them.
struct Task {
  bool training = true;
  std::vector<std::int64_t> widths;  ///< 784, 1000, ..., 10; of a network, the first and the last
  std::string network;               ///< a name of the zoo or a text; empty: an MLP
  std::int64_t batch = 1;
  std::string optimiser;  ///< sgd, momentum, adam
  double lr = 0;
  std::string precision = "fp32";

  std::string model() const;  ///< its text form
};

/// Throws nlohmann's exceptions for what is missing or of the wrong kind.
Task task_from(const nlohmann::json& json);

/// How many steps the losses are compared after, and how many samples they are measured on.
constexpr std::size_t checked_steps = 100, checked_samples = 512;

/// 8-bit samples of ten classes, each a faint pattern under noise, so that there is something to
/// learn: checked_steps + 1 batches to train on, checked_samples to measure the loss on.
data::Dataset samples_of(const Task& task);

/// Writes what a peer needs to do the same into a folder, raw and in the order of the steps:
/// inputs.f32 (normalised), labels.i64, check_inputs.f32, check_labels.i64.
void export_samples(const Task& task, const data::Dataset& dataset,
                    const std::vector<std::uint32_t>& order,
                    const data::Normalisation& normalisation, const std::filesystem::path& folder);

}  // namespace rectify::bench
