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

/// What learns by itself: a layer of the stack.
struct PretrainedPart {
  std::string label;  ///< "layer 1"
  std::string text;   ///< as it was asked for: "rbm 500 nrelu"
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
  std::vector<PretrainedPart> parts;  ///< all of the stack, also those whose turn did not come
  std::vector<Picture> pictures;
};

/// One self-contained HTML page. It makes no request, and its tables can be read without script.
std::string to_html(const Pretraining& run);

}  // namespace rectify::report
