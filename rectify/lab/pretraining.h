#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// The ways in which a comparison may start its networks: "none" (from initial draws), and one for
/// each kind of layer that can be pretrained (pretrain/kind.h).
std::vector<std::string> pretraining_names();

/// The stack that pretrains hidden layers of these widths for an activation: "rbm 500 nrelu | rbm
/// 500 nrelu" for relu. Throws Error where no unit of a Boltzmann machine is like the activation.
std::string stack_for(const std::string& pretraining, const std::string& activation,
                      const std::vector<std::int64_t>& widths);

/// Weights to start from, and the seconds that it took to train them.
struct Pretrained {
  std::filesystem::path weights;
  double seconds = 0;
};

/// Pretrains the stack on the training samples that `train` trains on, with its seed, and writes
/// the encoder to `file`, unless it lies there already. Throws Stopped when `stop` returns true.
Pretrained pretrained(const std::string& stack, int epochs, const train::Options& train,
                      const data::Dataset& dataset, const std::filesystem::path& file,
                      ThreadPool& threads, const ProgressCallback& progress,
                      const StopCallback& stop);

}  // namespace rectify::lab
