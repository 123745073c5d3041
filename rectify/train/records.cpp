#include "rectify/train/records.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "rectify/base/error.h"
#include "rectify/base/whole_numbers.h"

namespace rectify::train {

using Json = nlohmann::ordered_json;

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
