#include "rectify/pretrain/pretrainer.h"

#include <algorithm>

#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/run/backend.h"

namespace rectify::pretrain {

namespace {

constexpr const char* unrolled_prefix = "unrolled.";

std::string prefix_of(std::size_t layer) { return concat("layer", layer + 1, "."); }

const data::Dataset& checked(const data::Dataset& dataset) {
  data::check(dataset);
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
    below.shape = dataset_.sample_shape;
  } else {
    const LayerTrainer& last = *trainers_.back();
    const LayerTrainer::Encoder encoder = last.encoder();
    below.shape = encoder.graph.node(encoder.graph.result).type.shape;
    rows_.push_back(std::make_unique<Rows>(
        rows_.back()->through(encoder.graph, encoder.layout, encoder.parameters.data(), threads_)));
    below.unit = last.learner().unit;
  }
  below.inputs = static_cast<std::int64_t>(rows_.back()->width());
  const Rows::Extent extent = rows_.back()->extent(partition_.train);
  below.low = extent.low;
  below.high = extent.high;
  below.power = extent.power;
  trainers_.push_back(std::make_unique<LayerTrainer>(layers_[number], below, *rows_.back(),
                                                     partition_.train, partition_.watched, options_,
                                                     number, threads_));
}

void Pretrainer::begin_unrolled() {
  unrolled_ = std::make_unique<Unrolled>(trainers_, *rows_.front(), partition_.train,
                                         partition_.watched, options_, threads_);
}

bool Pretrainer::layers_finished() const {
  return trainers_.size() == layers_.size() && trainers_.back()->finished();
}

bool Pretrainer::finished() const {
  if (!layers_finished()) return false;
  return options_.unroll == 0 || (unrolled_ && unrolled_->finished());
}

double Pretrainer::share_done() const {
  const LayerTrainer& last = *trainers_.back();
  double done =
      static_cast<double>(trainers_.size() - 1) + static_cast<double>(last.epoch()) / last.epochs();
  if (unrolled_) done += static_cast<double>(unrolled_->epoch()) / options_.unroll;
  return done / static_cast<double>(parts());
}

bool Pretrainer::train_epoch(const ProgressCallback& progress, const StopCallback& stop) {
  if (finished())
    fail(
        "the layers have been trained for all their epochs; ask Pretrainer::finished() before "
        "each train_epoch()");
  if (layers_finished() && !unrolled_)
    begin_unrolled();
  else if (trainers_.back()->finished() && !unrolled_)
    begin_layer();
  const std::size_t part = unrolled_ ? layers_.size() : trainers_.size() - 1;
  const ProgressCallback shown = [&](Progress p) {
    p.done = (static_cast<double>(part) + p.done) / static_cast<double>(parts());
    if (progress) progress(p);
  };
  const std::optional<Record> record =
      unrolled_ ? unrolled_->train_epoch(shown, stop) : trainers_.back()->train_epoch(shown, stop);
  if (record) history_.push_back(*record);
  return record.has_value();
}

std::int64_t Pretrainer::narrowest() const {
  std::int64_t least = trainers_.front()->up().output.size();
  for (const auto& trainer : trainers_) least = std::min(least, trainer->up().output.size());
  return least;
}

model::Model Pretrainer::encoder() const {
  model::Model model = unrolled_ ? unrolled_->encoder() : way_up(trainers_);
  model.normalisation = normalisation_;
  model.normalisation.targets.clear();
  model.columns = dataset_.columns;
  model.table = dataset_.table;
  model.loss = "mean_squared_error";
  return model;
}

model::Model Pretrainer::autoencoder() const {
  model::Model model = unrolled_ ? unrolled_->network() : way_up_and_down(trainers_);
  model.normalisation = normalisation_;
  model.normalisation.targets.clear();
  const std::vector<data::Scaling>& inputs = normalisation_.inputs;
  for (std::size_t i = 0; i < dataset_.features(); ++i) {
    data::Scaling scaling = inputs[i % inputs.size()];
    constexpr float always_mean = 1e30f;  // of a constant feature, whose scale is 0
    if (scaling.scale == 0) scaling.scale = always_mean;
    model.normalisation.targets.push_back(scaling);
  }
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
  file.metadata["sample_shape"] = dataset_.sample_shape.text();
  file.metadata["options"] = to_json(options_);
  for (std::size_t i = 0; i < trainers_.size(); ++i) {
    model::put_parameters(file, prefix_of(i), trainers_[i]->layout(),
                          trainers_[i]->parameters().data());
    const Below& below = trainers_[i]->below();
    file.metadata[prefix_of(i) + "inputs_like"] = below.unit;
    file.metadata[prefix_of(i) + "inputs_low"] = number_text(below.low);
    file.metadata[prefix_of(i) + "inputs_high"] = number_text(below.high);
  }
  return file;
}

model::TensorFile Pretrainer::state() const {
  model::TensorFile file;
  for (std::size_t i = 0; i < trainers_.size(); ++i) trainers_[i]->put_state(file, prefix_of(i));
  if (unrolled_) unrolled_->put_state(file, unrolled_prefix);
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
  if (state.metadata.contains(concat(unrolled_prefix, "epoch"))) {
    begin_unrolled();
    unrolled_->take_state(state, unrolled_prefix);
  }
  history.resize(static_cast<std::size_t>(*length));
  history_ = std::move(history);
}

}  // namespace rectify::pretrain
