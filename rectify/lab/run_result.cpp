#include "rectify/lab/run_result.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/machine.h"
#include "rectify/lab/inference_speed.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"

namespace rectify::lab {

namespace {

constexpr int histogram_bins = 40;

report::Histogram histogram(const Json& json) {
  return {json.at("low").get<double>(), json.at("high").get<double>(),
          json.at("counts").get<std::vector<double>>()};
}

/// A figure that older programs did not write.
template <class Number>
Number of_channels(const Json& layer, const char* key, Number missing) {
  return layer.contains(key) && layer.at(key).is_number() ? layer.at(key).get<Number>() : missing;
}

std::vector<LayerResult> layers_of(const Json& json) {
  std::vector<LayerResult> layers;
  for (const Json& layer : json)
    layers.push_back({.label = layer.at("label").get<std::string>(),
                      .units = layer.at("units").get<std::int64_t>(),
                      .exact_zeros = layer.at("exact_zeros").get<double>(),
                      .dead_units = layer.at("dead_units").get<double>(),
                      .outputs = histogram(layer.at("outputs")),
                      .channels = of_channels(layer, "channels", std::int64_t{0}),
                      .dead_channels = of_channels(layer, "dead_channels", std::nan(""))});
  return layers;
}

/// Older versions wrote three lists in parallel, only one of which had labels.
std::vector<LayerResult> layers_of_older(const Json& json) {
  const Json &layers = json.at("layers"), &units = json.at("units"), &outputs = json.at("outputs");
  if (units.size() != layers.size() || outputs.size() != layers.size())
    fail("a finished run cannot be read: it has ", layers.size(), " layers, units of ",
         units.size(), " and histograms of ", outputs.size());
  std::vector<LayerResult> found;
  for (std::size_t l = 0; l < layers.size(); ++l)
    found.push_back({.label = layers[l].at(0).get<std::string>(),
                     .units = units[l].get<std::int64_t>(),
                     .exact_zeros = layers[l].at(1).get<double>(),
                     .dead_units = layers[l].at(2).get<double>(),
                     .outputs = histogram(outputs[l]),
                     .dead_channels = std::nan("")});
  return found;
}

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
                         const StopCallback& stop, const std::filesystem::path& weights,
                         bool timed) {
  RunResult result;
  train::Trainer trainer(options, dataset, threads);
  trainer.take_weights();
  result.training_samples = trainer.partition().train.size();
  result.threads = threads.threads();
  result.processor = processor_name();
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
  if (!weights.empty()) model::save(weights, model::to_file(trainer.best_model()));
  const model::Evaluation test = trainer.evaluate_test(true);
  result.test_error = test.error;
  result.confusion = test.confusion;
  if (timed) {
    result.answers_of_one = inference_speed(trainer.best_model(), dataset, 1, threads);
    result.answers_of_batch =
        inference_speed(trainer.best_model(), dataset, report::inference_batch, threads);
  }
  const model::Evaluation watched = trainer.evaluate_validation(true);
  const std::vector<std::uint32_t>& rows = trainer.partition().watched;
  for (const model::LayerActivity& layer : watched.layers) {
    std::vector<float> outputs = trainer.best_outputs_of(layer.label, rows);
    result.layers.push_back({.label = layer.label,
                             .units = layer.units,
                             .exact_zeros = layer.zero_share(watched.samples),
                             .dead_units = layer.dead_share(),
                             .outputs = histogram_of(std::move(outputs), histogram_bins),
                             .channels = layer.channels,
                             .dead_channels = layer.dead_channel_share()});
  }
  return result;
}

std::string to_json(const RunResult& r) {
  Json json = {{"finite", r.finite},
               {"trouble", r.trouble},
               {"test_error", r.test_error},
               {"best_epoch", r.best_epoch},
               {"pretraining_seconds", r.pretraining_seconds},
               {"training_samples", r.training_samples},
               {"threads", r.threads},
               {"processor", r.processor},
               {"confusion", r.confusion}};
  if (std::isfinite(r.answers_of_one))
    json["answers_a_second"] = {{"one", r.answers_of_one}, {"batch", r.answers_of_batch}};
  json["history"] = Json::array();
  for (const train::EpochRecord& epoch : r.history)
    json["history"].push_back(Json::parse(train::to_json(epoch)));
  json["layers"] = Json::array();
  for (const LayerResult& layer : r.layers)
    json["layers"].push_back({{"label", layer.label},
                              {"units", layer.units},
                              {"exact_zeros", layer.exact_zeros},
                              {"dead_units", layer.dead_units},
                              {"channels", layer.channels},
                              {"dead_channels", layer.dead_channels},
                              {"outputs",
                               {{"low", layer.outputs.low},
                                {"high", layer.outputs.high},
                                {"counts", layer.outputs.counts}}}});
  return json.dump();
}

RunResult run_result_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    RunResult r{.finite = json.at("finite").get<bool>(),
                .trouble = json.at("trouble").get<std::string>(),
                .test_error = json.at("test_error").get<double>(),
                .best_epoch = json.at("best_epoch").get<int>(),
                .training_samples = json.at("training_samples").get<std::size_t>()};
    if (json.contains("pretraining_seconds"))  // older files have none
      r.pretraining_seconds = json.at("pretraining_seconds").get<double>();
    if (json.contains("threads")) {
      r.threads = json.at("threads").get<int>();
      r.processor = json.at("processor").get<std::string>();
    }
    if (json.contains("answers_a_second")) {  // only of runs that were to be timed
      r.answers_of_one = json.at("answers_a_second").at("one").get<double>();
      r.answers_of_batch = json.at("answers_a_second").at("batch").get<double>();
    }
    r.confusion = json.at("confusion").get<std::vector<std::vector<std::int64_t>>>();
    for (const Json& epoch : json.at("history"))
      r.history.push_back(train::epoch_from_json(epoch.dump()));
    r.layers = json.contains("units") ? layers_of_older(json) : layers_of(json.at("layers"));
    if (r.finite && r.history.empty()) fail("a finished run cannot be read: it has no epochs");
    return r;
  } catch (const JsonError& error) {
    fail("a finished run cannot be read: ", error.what());
  }
}

void add_channels(RunResult& run, const graph::Graph& network) {
  for (LayerResult& layer : run.layers) {
    const graph::NodeId activation = network.find(layer.label);
    if (layer.channels > 0 || activation < 0) continue;
    const Shape& shape = network.node(activation).type.shape;
    layer.channels = shape.rank() == 0 ? 1 : shape.back();
    if (layer.channels == layer.units) layer.dead_channels = layer.dead_units;
  }
}

}  // namespace rectify::lab
