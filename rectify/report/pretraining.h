#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rectify/report/training.h"

/// One pretraining, ready to be drawn. Figures that do not exist are NaN.
namespace rectify::report {

/// One epoch of one part of a pretraining.
struct PretrainedEpoch {
  int epoch = 0;  ///< from 1
  double lr = 0;
  double loss = no_value, validation_loss = no_value;
  double free_energy_gap = no_value;  ///< mean of validation samples less that of training samples
  double mean_activity = 0, zeros = 0;  ///< of the outputs on validation samples; a share
  double seconds = 0;                   ///< of the training steps alone
};

/// What learns by itself: a layer of the stack, or after them all layers unrolled.
struct PretrainedPart {
  std::string label;  ///< "layer 1", "unrolled"
  std::string text;   ///< of a layer as it was asked for: "rbm 500 nrelu"
  int epochs = 0;     ///< that were asked for
  std::vector<PretrainedEpoch> history;
};

/// A picture of what was learnt.
struct Picture {
  std::string title, words;
  std::string png;  ///< the bytes of a PNG file
};

/// All of a run of `rectify pretrain`.
struct Pretraining {
  std::string version, date;
  std::string command;  ///< that repeats it; empty: none does
  std::string next;     ///< the command to go on with; empty: there is none
  TrainingEnd end = TrainingEnd::finished;
  std::string trouble;  ///< why it failed, or how to go on with what was stopped
  std::string data, stack;
  std::string encoder;       ///< the layers that have begun to learn, as a model's text
  std::int64_t samples = 0;  ///< that it learns from
  std::vector<Setting> config;
  std::vector<std::pair<std::string, std::string>> data_facts, machine;
  std::vector<std::string> notes;
  std::size_t layers = 0;
  std::vector<PretrainedPart> parts;  ///< layer by layer, also those whose turn did not come
  /// Mean squared error of a number of the test samples, up through the layers and down again, and
  /// what as many principal components as the narrowest layer has units leave of it.
  double reconstruction_error = no_value, principal_error = no_value;
  std::int64_t components = 0;  ///< of these
  std::vector<Picture> pictures;
};

/// One self-contained HTML page. It makes no request, and its tables can be read without script.
std::string to_html(const Pretraining& run);

}  // namespace rectify::report
