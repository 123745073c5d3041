#include "rectify/lab/run_result.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/evaluate.h"

namespace rectify::lab {

namespace {

constexpr int histogram_bins = 40;

}  // namespace

report::Histogram histogram_of(std::vector<float> values, int bins) {
  std::erase_if(values, [](float v) { return !std::isfinite(v); });
  if (values.empty()) return {};
  const auto at = [&](double share) {
    const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, values.begin() + rank);
    return static_cast<double>(values[static_cast<std::size_t>(rank)]);
  };
  report::Histogram h{at(0.001), at(0.999), std::vector<double>(bins)};
  if (h.low == h.high) h.high = h.low + 1;
  for (const float v : values) {
    const double position = (v - h.low) / (h.high - h.low) * bins;
    ++h.counts[static_cast<std::size_t>(std::clamp(position, 0.0, bins - 1.0))];
  }
  return h;
}

RunResult run_to_the_end(const train::Options& options, const data::Dataset& dataset,
                         ThreadPool& threads, const ProgressCallback& progress,
                         const StopCallback& stop) {
  RunResult result;
  train::Trainer trainer(options, dataset, threads);
  result.training_samples = trainer.partition().train.size();
  try {
    while (!trainer.finished())
      if (!trainer.train_epoch(progress, stop)) throw Stopped("stopped");
  } catch (const train::NonFinite& error) {
    result.finite = false;
    result.trouble = error.what();
    result.history = trainer.history();
    return result;
  }
  result.history = trainer.history();
  result.best_epoch = trainer.best_epoch();
  const model::Evaluation test = trainer.evaluate_test(true);
  result.test_error = test.error;
  result.confusion = test.confusion;
  const model::Evaluation watched = trainer.evaluate_validation(true);
  const std::vector<std::uint32_t>& rows = trainer.partition().watched;
  for (const model::LayerActivity& layer : watched.layers) {
    result.units.push_back(layer.units);
    result.layers.push_back({layer.label, layer.zero_share(watched.samples), layer.dead_share()});
    result.outputs.push_back(
        histogram_of(trainer.best_outputs_of(layer.label, rows), histogram_bins));
  }
  return result;
}

std::string to_json(const RunResult& r) {
  Json json = {{"finite", r.finite},
               {"trouble", r.trouble},
               {"test_error", r.test_error},
               {"best_epoch", r.best_epoch},
               {"training_samples", r.training_samples},
               {"units", r.units},
               {"confusion", r.confusion}};
  json["history"] = Json::array();
  for (const train::EpochRecord& epoch : r.history)
    json["history"].push_back(Json::parse(train::to_json(epoch)));
  json["outputs"] = Json::array();
  for (const report::Histogram& h : r.outputs)
    json["outputs"].push_back({{"low", h.low}, {"high", h.high}, {"counts", h.counts}});
  json["layers"] = Json::array();
  for (const train::LayerRecord& layer : r.layers)
    json["layers"].push_back({layer.label, layer.exact_zeros, layer.dead_units});
  return json.dump();
}

RunResult run_result_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    RunResult r{.finite = json.at("finite").get<bool>(),
                .trouble = json.at("trouble").get<std::string>(),
                .test_error = json.at("test_error").get<double>(),
                .best_epoch = json.at("best_epoch").get<int>(),
                .training_samples = json.at("training_samples").get<std::size_t>(),
                .units = json.at("units").get<std::vector<std::int64_t>>()};
    r.confusion = json.at("confusion").get<std::vector<std::vector<std::int64_t>>>();
    for (const Json& epoch : json.at("history"))
      r.history.push_back(train::epoch_from_json(epoch.dump()));
    for (const Json& h : json.at("outputs"))
      r.outputs.push_back({h.at("low").get<double>(), h.at("high").get<double>(),
                           h.at("counts").get<std::vector<double>>()});
    for (const Json& layer : json.at("layers"))
      r.layers.push_back(
          {layer.at(0).get<std::string>(), layer.at(1).get<double>(), layer.at(2).get<double>()});
    return r;
  } catch (const JsonError& error) {
    fail("a finished run cannot be read: ", error.what());
  }
}

}  // namespace rectify::lab
