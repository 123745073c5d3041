#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/pretrain/stack.h"
#include "rectify/train/options.h"

namespace rectify::pretrain {

/// Everything that decides what pretraining computes, with the data.
struct Options {
  Options();

  /// Data, seed, epochs of a layer, batch, optimiser, schedule, validation and normalisation. Of
  /// the rest nothing is read.
  train::Options train;
  std::string stack = "rbm 500";  ///< stack.h
  bool usual_rate = true;         ///< each layer by its kind; otherwise train.lr
  int slow_epochs = 5;            ///< of each layer, with momentum 0.5 at most (Hinton 2010)

  /// Epochs in which the layers, up and down again as one network, learn to reproduce the samples
  /// after they have learned one by one; 0: they do not. Hinton & Salakhutdinov 2006.
  int unroll = 0;
  double unroll_lr = 1e-3;  ///< learning rate of those epochs, of Adam

  bool operator==(const Options&) const = default;
};

/// The options of training that no layer reads, by their names in train/option_table.h: they
/// concern labels, or a network as a whole.
std::vector<std::string_view> unread_options();

/// Throws Error naming the first option that makes no sense, or that needs labels.
void check(const Options& options);

std::string to_json(const Options& options);
Options options_from_json(const std::string& text);

/// What to scale samples to for a stack, where the user does not say: pictures, and what lies from
/// 0 to 1 already, to the range 0 to 1, which binary units take; other data to mean 0 and
/// deviation 1.
data::Normaliser suited_normaliser(const std::string& stack, const data::Dataset& dataset);

/// The options of the training of layer `number`, from 0: its own epochs and rate where it has any,
/// and random numbers of its own.
train::Options options_of_layer(const Options& options, const LayerSpec& layer, std::size_t number,
                                double usual_rate);

}  // namespace rectify::pretrain
