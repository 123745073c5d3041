#include "rectify/base/json.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/report/comparison.h"
#include "rectify/report/document.h"
#include "rectify/report/format.h"

namespace rectify::report {
namespace {

Json numbers(const std::vector<double>& values) {
  Json out = Json::array();
  for (const double value : values) out.push_back(number_or_null(value));
  return out;
}

Json object(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json out = Json::object();
  for (const auto& [key, value] : pairs) out[key] = value;
  return out;
}

Json object(const std::vector<Setting>& settings) {
  Json out = Json::object();
  for (const Setting& setting : settings) out[setting.name] = setting.value;
  return out;
}

Json summary(const Summary& of) {
  return {{"mean", number_or_null(of.mean)},
          {"sd", number_or_null(of.sd)},
          {"values", numbers(of.values)}};
}

Json layer(const Layer& of) {
  return {{"label", of.label},
          {"weight", of.weight.empty() ? Json() : Json(of.weight)},
          {"units", of.units},
          {"exact_zeros", number_or_null(of.exact_zeros)},
          {"dead_units", number_or_null(of.dead_units)},
          {"channels", of.channels == 0 ? Json() : Json(of.channels)},
          {"dead_channels", number_or_null(of.dead_channels)},
          {"gradient_norm", number_or_null(of.gradient_norm)},
          {"outputs",
           {{"low", number_or_null(of.outputs.low)},
            {"high", number_or_null(of.outputs.high)},
            {"counts", numbers(of.outputs.counts)}}}};
}

Json epoch(const Epoch& of) {
  Json out = {{"epoch", of.epoch},
              {"train_loss", number_or_null(of.train_loss)},
              {"train_error", number_or_null(of.train_error)},
              {"validation_loss", number_or_null(of.validation_loss)},
              {"validation_error", number_or_null(of.validation_error)},
              {"validation_error_sd", number_or_null(of.validation_error_sd)},
              {"seconds", number_or_null(of.seconds)},
              {"layers", Json::array()}};
  for (const LayerEpoch& one : of.layers)
    out["layers"].push_back({{"label", one.label},
                             {"exact_zeros", number_or_null(one.exact_zeros)},
                             {"dead_units", number_or_null(one.dead_units)},
                             {"dead_channels", number_or_null(one.dead_channels)},
                             {"gradient_norm", number_or_null(one.gradient_norm)}});
  return out;
}

Json activation(const ActivationResult& of) {
  Json out = {{"name", of.name},
              {"model", of.model},
              {"lr", number_or_null(of.lr)},
              {"search", Json::array()},
              {"rate_choice", rate_choice(of.lr, of.choice)},
              {"test_error", summary(of.test_error)},
              {"best_epoch", summary(of.best_epoch)},
              {"seconds_per_epoch", number_or_null(of.seconds_per_epoch)},
              {"samples_per_second", number_or_null(of.samples_per_second)},
              {"epochs_to_rival", number_or_null(of.match_epoch)},
              {"exact_zeros", number_or_null(of.exact_zeros)},
              {"dead_units", number_or_null(of.dead_units)},
              {"dead_channels", number_or_null(of.dead_channels)},
              {"gradient_ratio", number_or_null(of.gradient_ratio)},
              {"layers", Json::array()},
              {"history", Json::array()},
              {"confusion", of.confusion}};
  if (of.pretraining_seconds > 0) out["pretraining_seconds"] = of.pretraining_seconds;
  if (std::isfinite(of.answers_of_one))
    out["inference"] = {
        {"samples_per_second_of_1", number_or_null(of.answers_of_one)},
        {concat("samples_per_second_of_", inference_batch), number_or_null(of.answers_of_batch)}};
  for (const Trial& trial : of.search)
    out["search"].push_back({{"lr", number_or_null(trial.lr)},
                             {"validation_error", number_or_null(trial.validation_error)}});
  for (const Layer& one : of.layers) out["layers"].push_back(layer(one));
  for (const Epoch& one : of.history) out["history"].push_back(epoch(one));
  return out;
}

}  // namespace

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json rate_choice(double lr, const RateChoice& choice) {
  if (choice.rates == 0) return nullptr;
  return {{"samples", choice.samples},
          {"folds", choice.folds},
          {"rates", choice.rates},
          {"alike", choice.alike},
          {"standard_error", number_or_null(choice.standard_error)},
          {"says", choice_text(lr, choice)}};
}

Json document(const Comparison& comparison) {
  Json out = {{"schema", 1},
              {"rectify", comparison.version},
              {"date", comparison.date},
              {"command", comparison.command},
              {"machine", object(comparison.machine)},
              {"data", object(comparison.data)},
              {"config", object(comparison.config)},
              {"class_names", comparison.class_names},
              {"measure", comparison.regression ? "rmse" : "error"},
              {"seeds", comparison.seeds},
              {"activations", Json::array()},
              {"verdict",
               comparison.verdict.empty() ? missing_verdict(comparison) : comparison.verdict},
              {"notes", comparison.notes}};
  for (const ActivationResult& one : comparison.activations)
    out["activations"].push_back(activation(one));
  return out;
}

std::string to_json(const Comparison& comparison) {
  // A name that is not UTF-8 must not lose hours of training: its bad bytes become U+FFFD.
  return document(comparison).dump(1, Json::BadText::replace) + "\n";
}

}  // namespace rectify::report
