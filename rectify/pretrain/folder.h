#pragma once

#include <filesystem>
#include <vector>

#include "rectify/pretrain/pretrainer.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::pretrain {

/// Whether the state in a folder is that of a pretraining.
bool holds_pretraining(const std::filesystem::path& folder);

/// Writes a checkpoint: history.jsonl, stack.safetensors (all parameters of all layers),
/// model.safetensors (the encoder, an ordinary model), once it is unrolled autoencoder.safetensors
/// (both ways, too) and, last, state.safetensors. A process that
/// is killed at any moment leaves the old state or the new one. Throws WriteError.
void save(const train::RunFolder& folder, const Pretrainer& pretrainer);

/// Writes filters.png, where samples are pictures: of each layer, one below the other, the
/// strongest 100 filters (filters.h), at the end of a pretraining. Throws WriteError.
void save_filters(const train::RunFolder& folder, const Pretrainer& pretrainer);

/// The options of the pretraining in a folder. Throws Error when it holds none.
Options saved_options(const std::filesystem::path& folder);
std::vector<Record> saved_history(const std::filesystem::path& folder);

/// Brings a new pretrainer, made with saved_options(), to the state of the folder.
void resume(const train::RunFolder& folder, Pretrainer& pretrainer);

/// What a training that starts from a pretraining takes over.
struct Start {
  std::string encoder;  ///< text form, from the samples' numbers: "784 : dense 500 | relu"
  std::filesystem::path weights;  ///< the file with its tensors
  data::Normaliser normalise;
};
/// Throws Error for a folder that holds no pretraining, or one that has not finished.
Start start_from(const std::filesystem::path& folder);

}  // namespace rectify::pretrain
