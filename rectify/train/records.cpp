#include "rectify/train/records.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/graph/activate.h"
#include "rectify/run/parameters.h"

namespace rectify::train {

std::string to_json(const EpochRecord& r) {
  Json gradients = Json::object(), updates = Json::object(), layers = Json::array();
  for (const GradientRecord& gradient : r.gradients) {
    gradients[gradient.weight] = gradient.norm;
    if (gradient.update_ratio) updates[gradient.weight] = *gradient.update_ratio;
  }
  for (const LayerRecord& layer : r.layers) {
    Json one = {{"label", layer.label},
                {"weight", layer.weight.empty() ? Json() : Json(layer.weight)},
                {"exact_zeros", layer.exact_zeros},
                {"dead_units", layer.dead_units},
                {"dead_channels", layer.dead_channels},
                {"saturated", layer.saturated ? Json(*layer.saturated) : Json()}};
    if (layer.died) one["died"] = *layer.died;
    if (layer.revived) one["revived"] = *layer.revived;
    layers.push_back(std::move(one));
  }
  Json json = {{"epoch", r.epoch},
               {"lr", r.lr},
               {"train_loss", r.train_loss},
               {"train_error", r.train_error},
               {"validation_loss", r.validation_loss},
               {"validation_error", r.validation_error},
               {"seconds", r.seconds},
               {"gradient_ratio", r.gradient_ratio},
               {"gradients", gradients},
               {"updates", updates},
               {"layers", layers}};
  if (r.weighted_loss) json["weighted_loss"] = *r.weighted_loss;
  if (r.weighted_error) json["weighted_error"] = *r.weighted_error;
  if (r.certified_error) json["certified_error"] = *r.certified_error;
  if (r.box_error) json["box_error"] = *r.box_error;
  return json.dump();
}

EpochRecord epoch_from_json(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    const auto number = [&](const char* key) {
      return json.at(key).is_null() ? std::nan("") : json.at(key).get<double>();
    };
    EpochRecord r{.epoch = json.at("epoch").get<int>(),
                  .lr = number("lr"),
                  .train_loss = number("train_loss"),
                  .train_error = number("train_error"),
                  .validation_loss = number("validation_loss"),
                  .validation_error = number("validation_error"),
                  .seconds = number("seconds"),
                  .gradient_ratio = number("gradient_ratio")};
    if (json.contains("weighted_loss")) r.weighted_loss = number("weighted_loss");
    if (json.contains("weighted_error")) r.weighted_error = number("weighted_error");
    if (json.contains("certified_error")) r.certified_error = number("certified_error");
    if (json.contains("box_error")) r.box_error = number("box_error");
    const Json& gradients = json.at("gradients");
    if (gradients.is_object()) {
      for (const auto& [weight, norm] : gradients.members())
        r.gradients.push_back({weight, norm.get<double>()});
    } else {  // older programs wrote a bare list
      for (const Json& norm : gradients) r.gradients.push_back({"", norm.get<double>()});
    }
    if (json.contains("updates"))  // older programs wrote none
      for (GradientRecord& gradient : r.gradients)
        if (json.at("updates").contains(gradient.weight))
          gradient.update_ratio = json.at("updates").at(gradient.weight).get<double>();
    const auto count_in = [](const Json& layer, const char* key) {
      return layer.contains(key) ? std::optional(layer.at(key).get<std::int64_t>()) : std::nullopt;
    };
    for (const Json& layer : json.at("layers")) {
      const bool labelled = layer.contains("weight") && !layer.at("weight").is_null();
      const bool channels = layer.contains("dead_channels") && !layer.at("dead_channels").is_null();
      const bool watched = layer.contains("saturated") && !layer.at("saturated").is_null();
      r.layers.push_back(
          {.label = layer.at("label").get<std::string>(),
           .weight = labelled ? layer.at("weight").get<std::string>() : "",
           .exact_zeros = layer.at("exact_zeros").get<double>(),
           .dead_units = layer.at("dead_units").get<double>(),
           .dead_channels = channels ? layer.at("dead_channels").get<double>() : std::nan(""),
           .saturated = watched ? std::optional(layer.at("saturated").get<double>()) : std::nullopt,
           .died = count_in(layer, "died"),
           .revived = count_in(layer, "revived")});
    }
    return r;
  } catch (const JsonError& error) {
    fail("a line of the run's history cannot be read: ", error.what());
  }
}

void label_records(std::vector<EpochRecord>& records, const graph::Graph& network) {
  std::vector<std::string> weights;  // in the order in which older programs wrote their norms
  const run::ParameterLayout layout(network);
  for (const run::ParameterSlot& slot : layout.slots())
    if (slot.shape.rank() >= 2) weights.push_back(slot.label);
  for (EpochRecord& r : records) {
    for (LayerRecord& layer : r.layers) {
      const graph::NodeId activation = network.find(layer.label);
      if (std::isnan(layer.dead_channels) && activation >= 0 &&
          network.node(activation).type.shape.rank() == 1)
        layer.dead_channels = layer.dead_units;  // each channel is one unit
    }
    if (std::ranges::none_of(r.gradients, &std::string::empty, &GradientRecord::weight)) continue;
    if (r.gradients.size() != weights.size())
      fail("the history has gradient norms of ", r.gradients.size(), " weights in epoch ", r.epoch,
           ", but the network has ", weights.size(), "; it belongs to another network");
    for (std::size_t i = 0; i < weights.size(); ++i) r.gradients[i].weight = weights[i];
    for (LayerRecord& layer : r.layers) {
      const graph::NodeId activation = network.find(layer.label);
      if (activation < 0)
        fail("the history has a layer '", layer.label, "' in epoch ", r.epoch,
             ", which the network lacks; it belongs to another network");
      layer.weight = graph::feeding_weight(network, activation);
    }
  }
}

}  // namespace rectify::train
