#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/report/document.h"
#include "rectify/report/html.h"

namespace rectify::report {
namespace {

/// Rounds to five digits: no screen shows more, and the page stays small.
Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::scientific, 4);
  double out = value;
  std::from_chars(buffer.data(), end, out);
  if (out == std::trunc(out) && std::abs(out) < 1e9) return static_cast<std::int64_t>(out);
  return out;
}

/// A list with one number for each element.
template <class Elements, class Figure>
Json column(const Elements& elements, Figure&& figure) {
  Json out = Json::array();
  for (const auto& one : elements) out.push_back(rounded(figure(one)));
  return out;
}

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
  return {{"name", of.name},
          {"slot", slot},
          {"lr", rounded(of.lr)},
          {"search", search},
          {"epochs", column(of.history, [](const Epoch& epoch) { return epoch.epoch; })},
          {"validation", each(&Epoch::validation_error)},
          {"sd", each(&Epoch::validation_error_sd)},
          {"loss", each(&Epoch::train_loss)},
          {"history", layer_history(of)},
          {"layers", histograms(of)}};
}

}  // namespace

std::string chart_data(const Comparison& comparison, const std::vector<std::size_t>& order) {
  Json out = {{"activations", Json::array()}};
  for (const std::size_t at : order)
    out["activations"].push_back(activation(comparison.activations[at], at));
  const std::string json = out.dump(-1, Json::BadText::replace);
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json)
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  return safe;
}

}  // namespace rectify::report
