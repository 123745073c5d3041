#include "rectify/pretrain/pretrainer.h"

#include <algorithm>
#include <tuple>

#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/run/backend.h"

namespace rectify::pretrain {

namespace {

std::string prefix_of(std::size_t layer) { return concat("layer", layer + 1, "."); }

const data::Dataset& checked(const data::Dataset& dataset) {
  if (dataset.ids)
    fail("'", dataset.spec, "' is text: a layer learns from numbers, not from characters");
  return dataset;
}

}  // namespace

Pretrainer::Pretrainer(Options options, const data::Dataset& dataset, ThreadPool& threads)
    : options_((check(options), std::move(options))),
      dataset_(checked(dataset)),
      threads_(threads),
      layers_(parse_stack(options_.stack)),
      partition_(
          data::hold_out(dataset.train, options_.train.validation, options_.train.split_seed)),
      normalisation_(
          data::normalisation_of(dataset, partition_.train, threads, options_.train.normalise)) {
  begin_layer();
}

void Pretrainer::begin_layer() {
  const std::size_t number = trainers_.size();
  Below below;
  if (number == 0) {
    rows_.push_back(std::make_unique<Rows>(dataset_, normalisation_));
    below.unit = options_.train.normalise == data::Normaliser::range ? "binary" : "gaussian";
  } else {
    const LayerTrainer& last = *trainers_.back();
    const LayerTrainer::Encoder encoder = last.encoder();
    rows_.push_back(std::make_unique<Rows>(
        rows_.back()->through(encoder.graph, encoder.layout, encoder.parameters.data(), threads_)));
    below.unit = last.learner().unit;
  }
  below.inputs = static_cast<std::int64_t>(rows_.back()->width());
  std::tie(below.low, below.high) = rows_.back()->range(partition_.train);
  trainers_.push_back(std::make_unique<LayerTrainer>(layers_[number], below, *rows_.back(),
                                                     partition_.train, partition_.watched, options_,
                                                     number, threads_));
}

bool Pretrainer::finished() const {
  return trainers_.size() == layers_.size() && trainers_.back()->finished();
}

bool Pretrainer::train_epoch(const ProgressCallback& progress, const StopCallback& stop) {
  if (trainers_.back()->finished()) begin_layer();
  const std::size_t layer = trainers_.size() - 1;
  const ProgressCallback shown = [&](Progress p) {
    p.done = (static_cast<double>(layer) + p.done) / static_cast<double>(layers_.size());
    if (progress) progress(p);
  };
  const std::optional<Record> record = trainers_.back()->train_epoch(shown, stop);
  if (record) history_.push_back(*record);
  return record.has_value();
}

model::Model Pretrainer::encoder() const {
  std::string text = std::to_string(dataset_.features()) + " :";
  for (std::size_t i = 0; i < trainers_.size(); ++i)
    text += concat(i == 0 ? " " : " | ", "dense ", layers_[i].units(), " | ",
                   trainers_[i]->learner().activation);
  model::Model model(text);
  for (std::size_t i = 0; i < trainers_.size(); ++i) {
    const LayerTrainer& layer = *trainers_[i];
    const auto copy = [&](const char* from, const char* to) {
      std::ranges::copy(
          numbers_of(layer.layout(), layer.parameters().data(), from),
          numbers_of(model.layout, model.parameters.data(), concat("dense", i + 1, ".", to))
              .begin());
    };
    copy("weight", "weight");
    copy("hidden_bias", "bias");
  }
  model.normalisation = normalisation_;
  model.normalisation.targets.clear();
  model.columns = dataset_.columns;
  model.table = dataset_.table;
  model.loss = "mean_squared_error";
  return model;
}

model::TensorFile Pretrainer::stack_file() const {
  model::TensorFile file = model::to_file(encoder());
  file.tensors.clear();
  file.metadata["format"] = "rectify stack 1";
  file.metadata["stack"] = options_.stack;
  file.metadata["options"] = to_json(options_);
  for (std::size_t i = 0; i < trainers_.size(); ++i) {
    model::put_parameters(file, prefix_of(i), trainers_[i]->layout(),
                          trainers_[i]->parameters().data());
    file.metadata[prefix_of(i) + "inputs_like"] =
        i == 0 ? (options_.train.normalise == data::Normaliser::range ? "binary" : "gaussian")
               : trainers_[i - 1]->learner().unit;
  }
  return file;
}

model::TensorFile Pretrainer::state() const {
  model::TensorFile file;
  for (std::size_t i = 0; i < trainers_.size(); ++i) trainers_[i]->put_state(file, prefix_of(i));
  file.metadata["format"] = "rectify pretraining 1";
  file.metadata["options"] = to_json(options_);
  file.metadata["data_fingerprint"] = std::to_string(data::fingerprint(dataset_));
  file.metadata["instruction_set"] = std::string(instruction_set());
  file.metadata["onednn"] = run::onednn_version();
  file.metadata["layers"] = std::to_string(trainers_.size());
  file.metadata["history_length"] = std::to_string(history_.size());
  return file;
}

void Pretrainer::restore(const model::TensorFile& state, std::vector<Record> history) {
  const auto text = [&](const char* key) {
    const auto found = state.metadata.find(key);
    if (found == state.metadata.end()) fail("the saved state lacks '", key, "'");
    return found->second;
  };
  if (options_from_json(text("options")) != options_)
    fail("the saved state belongs to other options");
  if (text("data_fingerprint") != std::to_string(data::fingerprint(dataset_)))
    fail("the data '", dataset_.spec, "' changed since this run was saved; start a new run");
  const auto layers = parse_integer(text("layers")), length = parse_integer(text("history_length"));
  if (!layers || *layers < 1 || *layers > static_cast<std::int64_t>(layers_.size()))
    fail("the saved state has '", text("layers"), "' layers, but the stack has ", layers_.size());
  if (!length || *length < 0 || static_cast<std::size_t>(*length) > history.size())
    fail("the run's history is shorter than its saved state says");
  for (std::int64_t i = 0; i < *layers; ++i) {
    if (i > 0) begin_layer();
    trainers_.back()->take_state(state, prefix_of(static_cast<std::size_t>(i)));
  }
  history.resize(static_cast<std::size_t>(*length));
  history_ = std::move(history);
}

}  // namespace rectify::pretrain
