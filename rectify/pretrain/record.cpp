#include "rectify/pretrain/record.h"

#include <cmath>

#include "rectify/base/json.h"

namespace rectify::pretrain {

namespace {

Json optional_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}

std::optional<double> number_in(const Json& json, const char* key) {
  if (!json.contains(key) || json.at(key).is_null()) return {};
  return json.at(key).get<double>();
}

}  // namespace

std::string to_json(const Record& r) {
  return Json{{"layer", r.layer},
              {"epoch", r.epoch},
              {"lr", r.lr},
              {"loss", optional_number(r.loss)},
              {"validation_loss", optional_number(r.validation_loss)},
              {"free_energy_gap", optional_number(r.free_energy_gap)},
              {"mean_activity", r.mean_activity},
              {"zeros", r.zeros},
              {"seconds", r.seconds}}
      .dump();
}

Record record_from_json(const std::string& line) {
  const Json json = Json::parse(line);
  return {.layer = json.at("layer").get<int>(),
          .epoch = json.at("epoch").get<int>(),
          .lr = json.at("lr").get<double>(),
          .loss = number_in(json, "loss"),
          .validation_loss = number_in(json, "validation_loss"),
          .free_energy_gap = number_in(json, "free_energy_gap"),
          .mean_activity = json.at("mean_activity").get<double>(),
          .zeros = json.at("zeros").get<double>(),
          .seconds = json.at("seconds").get<double>()};
}

}  // namespace rectify::pretrain
