#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/report/document.h"
#include "rectify/report/html.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {
namespace {

/// A layer's figure in every epoch; null where an epoch lacks the layer.
Json by_epoch(const ActivationResult& of, const std::string& label, double LayerEpoch::*figure) {
  return column(of.history, [&](const Epoch& epoch) {
    const auto layer = std::ranges::find(epoch.layers, label, &LayerEpoch::label);
    return layer == epoch.layers.end() ? std::nan("") : (*layer).*figure;
  });
}

/// Every layer that some epoch has: its label, the weight whose gradient it shows, its figures.
Json layer_history(const ActivationResult& of) {
  std::vector<std::string> labels;
  for (const Epoch& epoch : of.history)
    for (const LayerEpoch& layer : epoch.layers)
      if (std::ranges::find(labels, layer.label) == labels.end()) labels.push_back(layer.label);
  Json out = Json::array();
  for (const std::string& label : labels) {
    const auto layer = std::ranges::find(of.layers, label, &Layer::label);
    out.push_back({{"label", label},
                   {"weight", layer == of.layers.end() ? std::string() : layer->weight},
                   {"zeros", by_epoch(of, label, &LayerEpoch::exact_zeros)},
                   {"dead", by_epoch(of, label, &LayerEpoch::dead_units)},
                   {"deadChannels", by_epoch(of, label, &LayerEpoch::dead_channels)},
                   {"norms", by_epoch(of, label, &LayerEpoch::gradient_norm)}});
  }
  return out;
}

Json histograms(const ActivationResult& of) {
  Json out = Json::array();
  for (const Layer& layer : of.layers)
    out.push_back({{"label", layer.label},
                   {"units", layer.units},
                   {"channels", layer.channels},
                   {"zeros", rounded(layer.exact_zeros)},
                   {"dead", rounded(layer.dead_units)},
                   {"deadChannels", rounded(layer.dead_channels)},
                   {"low", rounded(layer.outputs.low)},
                   {"high", rounded(layer.outputs.high)},
                   {"counts", column(layer.outputs.counts, [](double count) { return count; })}});
  return out;
}

Json activation(const ActivationResult& of, std::size_t slot) {
  Json search = Json::array();
  for (const Trial& trial : of.search)
    search.push_back({rounded(trial.lr), rounded(trial.validation_error)});
  const auto each = [&](double Epoch::*figure) {
    return column(of.history, [figure](const Epoch& epoch) { return epoch.*figure; });
  };
  Json out = {{"name", of.name},
              {"slot", slot},
              {"lr", rounded(of.lr)},
              {"search", search},
              {"epochs", column(of.history, [](const Epoch& epoch) { return epoch.epoch; })},
              {"validation", each(&Epoch::validation_error)},
              {"sd", each(&Epoch::validation_error_sd)},
              {"loss", each(&Epoch::train_loss)},
              {"history", layer_history(of)},
              {"layers", histograms(of)}};
  if (std::isfinite(of.answers_of_one)) {
    out["testError"] = rounded(of.test_error.mean);
    out["testErrorSd"] = rounded(of.test_error.sd);
    out["zeroShare"] = rounded(of.exact_zeros);
    out["answersOfOne"] = rounded(of.answers_of_one);
    out["answersOfBatch"] = rounded(of.answers_of_batch);
  }
  return out;
}

}  // namespace

std::string chart_data(const Comparison& comparison, const std::vector<std::size_t>& order) {
  Json out = {{"activations", Json::array()},
              {"regression", comparison.regression},
              {"inferenceBatch", inference_batch}};
  for (const std::size_t at : order)
    out["activations"].push_back(activation(comparison.activations[at], at));
  return script_safe(out);
}

}  // namespace rectify::report
