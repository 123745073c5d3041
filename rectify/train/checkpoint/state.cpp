// What a run goes on from: Trainer::state and restore, and the lines of its history.

#include <cmath>
#include <nlohmann/json.hpp>

#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/base/whole_numbers.h"
#include "rectify/model/file.h"
#include "rectify/model/safetensors.h"
#include "rectify/run/backend.h"
#include "rectify/train/trainer.h"

namespace rectify::train {

namespace {

using Json = nlohmann::ordered_json;

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

std::string buffer_prefix(std::size_t i) { return "optimizer" + std::to_string(i) + "/"; }

}  // namespace

model::TensorFile Trainer::state() const {
  model::TensorFile file;
  model::put_parameters(file, "parameter/", model_.layout, model_.parameters.data());
  model::put_parameters(file, "best/", model_.layout, best_parameters_.data());
  if (average_) model::put_parameters(file, "ema/", model_.layout, average_->values().data());
  auto& buffers = const_cast<Optimiser&>(optimiser_).state();
  for (std::size_t i = 0; i < buffers.size(); ++i)
    model::put_parameters(file, buffer_prefix(i), model_.layout, buffers[i].data(), false);
  file.metadata = {{"format", "rectify state 1"},
                   {"options", to_json(options_)},
                   {"data_fingerprint", std::to_string(data::fingerprint(dataset_))},
                   {"instruction_set", std::string(instruction_set())},
                   {"onednn", run::onednn_version()},
                   {"epoch", std::to_string(epoch_)},
                   {"step", std::to_string(step_)},
                   {"optimizer_steps", std::to_string(optimiser_.steps())},
                   {"best_epoch", std::to_string(best_epoch_)},
                   {"best_error", number_text(best_error_)},
                   {"best_loss", number_text(best_loss_)},
                   {"history_length", std::to_string(history_.size())}};
  return file;
}

void Trainer::restore(const model::TensorFile& file, std::vector<EpochRecord> history) {
  const std::string name = "the saved state";
  const auto options = file.metadata.find("options");
  if (options == file.metadata.end() || options->second != to_json(options_))
    fail("the saved state belongs to other options");
  const auto data = file.metadata.find("data_fingerprint");
  if (data == file.metadata.end() || data->second != std::to_string(data::fingerprint(dataset_)))
    fail("the data '", dataset_.spec, "' changed since this run was saved; start a new run");
  const auto length = static_cast<std::size_t>(integer_of(file, "history_length"));
  if (history.size() < length) fail("the run's history is shorter than its saved state says");
  model::take_parameters(file, name, "parameter/", model_.layout, model_.parameters.data());
  model::take_parameters(file, name, "best/", model_.layout, best_parameters_.data());
  if (average_)
    model::take_parameters(file, name, "ema/", model_.layout, average_->values().data());
  for (std::size_t i = 0; i < optimiser_.state().size(); ++i)
    model::take_parameters(file, name, buffer_prefix(i), model_.layout,
                           optimiser_.state()[i].data(), false);
  epoch_ = static_cast<int>(integer_of(file, "epoch"));
  step_ = static_cast<std::uint32_t>(integer_of(file, "step"));
  optimiser_.set_steps(static_cast<std::uint64_t>(integer_of(file, "optimizer_steps")));
  best_epoch_ = static_cast<int>(integer_of(file, "best_epoch"));
  best_error_ = number_of(file, "best_error");
  best_loss_ = number_of(file, "best_loss");
  history.resize(length);
  history_ = std::move(history);
}

std::string to_json(const EpochRecord& r) {
  Json layers = Json::array();
  for (const LayerRecord& layer : r.layers)
    layers.push_back({{"label", layer.label},
                      {"exact_zeros", layer.exact_zeros},
                      {"dead_units", layer.dead_units}});
  const Json json = {{"epoch", r.epoch},
                     {"lr", r.lr},
                     {"train_loss", r.train_loss},
                     {"train_error", r.train_error},
                     {"validation_loss", r.validation_loss},
                     {"validation_error", r.validation_error},
                     {"seconds", r.seconds},
                     {"gradient_ratio", r.gradient_ratio},
                     {"gradients", r.gradients},
                     {"layers", layers}};
  return json.dump();
}

EpochRecord epoch_from_json(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    const auto number = [&](const char* key) {
      return json.at(key).is_null() ? std::nan("") : json.at(key).get<double>();
    };
    EpochRecord r{.epoch = whole_number<int>(json.at("epoch")),
                  .lr = number("lr"),
                  .train_loss = number("train_loss"),
                  .train_error = number("train_error"),
                  .validation_loss = number("validation_loss"),
                  .validation_error = number("validation_error"),
                  .seconds = number("seconds"),
                  .gradient_ratio = number("gradient_ratio")};
    for (const Json& norm : json.at("gradients")) r.gradients.push_back(norm);
    for (const Json& layer : json.at("layers"))
      r.layers.push_back({layer.at("label"), layer.at("exact_zeros"), layer.at("dead_units")});
    return r;
  } catch (const nlohmann::json::exception& error) {
    fail("a line of the run's history cannot be read: ", error.what());
  }
}

}  // namespace rectify::train
