#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/pretrain/convolutional.h"
#include "rectify/pretrain/machine.h"
#include "rectify/pretrain/stack.h"

namespace rectify::pretrain {

/// What a stack.safetensors holds: the layers of a pretraining that have begun to learn.
struct SavedStack {
  model::Model encoder;  ///< with the scaling of samples
  std::vector<LayerSpec> layers;
  std::vector<std::optional<Machine>> machines;  ///< of each layer; nothing: it is none
  std::vector<std::optional<ConvolutionalMachine>> convolutional = {};  ///< likewise
  Shape sample_shape;  ///< 28x28x1, or 784 where it is not known
  std::string data;    ///< SPEC that the stack learnt from
};

/// Whether `path` is a stack's file, or a folder with a stack.safetensors.
bool holds_stack(const std::filesystem::path& path);

/// Reads it. Throws Error for any other file, and for one that does not fit its own text.
///
///     const SavedStack stack = load_stack("mnist-rbm");
///     const double z = exact_log_partition(*stack.machines[0], threads);
SavedStack load_stack(const std::filesystem::path& path);

/// F(v) of samples, scaled for the network, for the machine of the first layer. Throws Error where
/// it is none, and as the machine's free_energies().
std::vector<double> free_energies(const SavedStack& stack, std::span<const float> samples,
                                  ThreadPool& threads);

/// The machine of a layer, from 0. Throws Error where the layer is none, such as an autoencoder.
const Machine& machine_of(const SavedStack& stack, std::size_t layer);

}  // namespace rectify::pretrain
