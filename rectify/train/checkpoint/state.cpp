// The state from which a run is resumed: Trainer::state and restore.

#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "rectify/model/safetensors.h"
#include "rectify/run/backend.h"
#include "rectify/train/trainer.h"

namespace rectify::train {

namespace {

std::int64_t integer_of(const model::TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  const auto value = found == file.metadata.end() ? std::nullopt : parse_integer(found->second);
  if (!value) fail("the saved state lacks '", key, "'");
  return *value;
}

double number_of(const model::TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  const auto value = found == file.metadata.end() ? std::nullopt : parse_number(found->second);
  if (!value) fail("the saved state lacks '", key, "'");
  return *value;
}

/// The saved options, but with another number of epochs.
Options extended(const std::string& saved, int epochs) {
  Options options = options_from_json(saved);
  options.epochs = epochs;
  return options;
}

std::string buffer_prefix(std::size_t i) { return "optimizer" + std::to_string(i) + "/"; }

}  // namespace

model::TensorFile Trainer::state() const {
  model::TensorFile file;
  model::put_parameters(file, "parameter/", model_.layout, model_.parameters.data());
  model::put_parameters(file, "best/", model_.layout, best_parameters_.data());
  if (average_) model::put_parameters(file, "ema/", model_.layout, average_->values().data());
  const std::vector<Buffer>& buffers = step_->optimiser().state();
  for (std::size_t i = 0; i < buffers.size(); ++i)
    model::put_parameters(file, buffer_prefix(i), model_.layout, buffers[i].data(), false);
  file.metadata = {{"format", "rectify state 1"},
                   {"options", to_json(options_)},
                   {"data_fingerprint", std::to_string(data::fingerprint(dataset_))},
                   {"instruction_set", std::string(instruction_set())},
                   {"onednn", run::onednn_version()},
                   {"epoch", std::to_string(epoch_)},
                   {"step", std::to_string(step_->batches())},
                   {"optimizer_steps", std::to_string(step_->optimiser().steps())},
                   {"best_epoch", std::to_string(best_epoch_)},
                   {"best_error", number_text(best_error_)},
                   {"best_loss", number_text(best_loss_)},
                   {"history_length", std::to_string(history_.size())}};
  return file;
}

void Trainer::restore(const model::TensorFile& file, std::vector<EpochRecord> history) {
  const std::string name = "the saved state";
  const auto options = file.metadata.find("options");
  // Read, not compared as text: an older program saved fewer options.
  if (options == file.metadata.end() || extended(options->second, options_.epochs) != options_)
    fail("the saved state belongs to other options");
  const auto data = file.metadata.find("data_fingerprint");
  if (data == file.metadata.end() || data->second != std::to_string(data::fingerprint(dataset_)))
    fail("the data '", dataset_.spec, "' changed since this run was saved; start a new run");
  const auto length = static_cast<std::size_t>(integer_of(file, "history_length"));
  if (length > static_cast<std::size_t>(options_.epochs))
    fail("the saved state has ", length, " epochs, more than the ", options_.epochs, " asked for");
  if (history.size() < length) fail("the run's history is shorter than its saved state says");
  model::take_parameters(file, name, "parameter/", model_.layout, model_.parameters.data());
  model::take_parameters(file, name, "best/", model_.layout, best_parameters_.data());
  if (average_)
    model::take_parameters(file, name, "ema/", model_.layout, average_->values().data());
  std::vector<Buffer>& buffers = step_->optimiser().state();
  for (std::size_t i = 0; i < buffers.size(); ++i)
    model::take_parameters(file, name, buffer_prefix(i), model_.layout, buffers[i].data(), false);
  epoch_ = static_cast<int>(integer_of(file, "epoch"));
  step_->set_batches(static_cast<std::uint32_t>(integer_of(file, "step")));
  step_->optimiser().set_steps(static_cast<std::uint64_t>(integer_of(file, "optimizer_steps")));
  best_epoch_ = static_cast<int>(integer_of(file, "best_epoch"));
  if (best_epoch_ == 0) best_is_the_start();  // where older programs saved zeros
  best_error_ = number_of(file, "best_error");
  best_loss_ = number_of(file, "best_loss");
  history.resize(length);
  label_records(history, model_.graph);
  alive_.clear();
  history_ = std::move(history);
  const auto best = static_cast<std::size_t>(best_epoch_);
  if (weighted_loss_ && !certified_ && best >= 1 && best <= history_.size() &&
      !history_[best - 1].weighted_error)
    judge_best_by_class();
}

}  // namespace rectify::train
