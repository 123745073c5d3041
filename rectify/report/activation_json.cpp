#include "rectify/activation/kernels.h"
#include "rectify/base/json.h"
#include "rectify/report/activation_words.h"
#include "rectify/report/activations.h"
#include "rectify/report/document.h"

namespace rectify::report {
namespace {

using activation::Cost;
using activation::Row;

Json tail_json(const activation::Tail& tail, bool left) {
  return {{"how", activation::text_of(tail, left)},
          {"value", number_or_null(tail.value)},
          {"slope", number_or_null(tail.slope)},
          {"from", number_or_null(tail.from)}};
}

std::string_view varying_name(activation::Varying varying) {
  using enum activation::Varying;
  switch (varying) {
    case none:
      return "none";
    case learned:
      return "learned";
    case learnable:
      return "learnable";
    case uniform:
      return "uniform";
    case normal:
      return "normal";
  }
  return "";
}

Json cost_json(const Cost& cost) {
  return {{"instruction_set", activation::instruction_set()},
          {"forward_ns", cost.forward_ns},
          {"backward_ns", cost.backward_ns},
          {"forward_cycles", cost.forward_cycles},
          {"backward_cycles", cost.backward_cycles}};
}

Json parameters_json(const Row& row) {
  Json parameters = Json::array();
  for (const activation::ParameterInfo& info : row.parameters)
    parameters.push_back({{"name", info.name},
                          {"default", info.value},
                          {"low", number_or_null(info.low)},
                          {"high", number_or_null(info.high)},
                          {"meaning", info.meaning}});
  return parameters;
}

Json row_json(const Row& row, const Cost* cost) {
  const ActivationWords words(row);
  const activation::Properties& has = words.properties;
  Json points = Json::array();
  for (const double x : anchors)
    points.push_back({{"x", x},
                      {"value", number_or_null(row.value(x, words.p))},
                      {"derivative", number_or_null(row.slope(x, words.p))}});
  Json json = {{"name", row.name},
               {"aliases", std::vector<std::string>(row.aliases.begin(), row.aliases.end())},
               {"value", row.formula},
               {"derivative", row.derivative},
               {"kink", row.kink},
               {"source", row.source},
               {"onnx", row.onnx},
               {"parameters", parameters_json(row)},
               {"varying", varying_name(row.varying)},
               {"low", number_or_null(has.low)},
               {"high", number_or_null(has.high)},
               {"left_tail", tail_json(words.left, true)},
               {"right_tail", tail_json(words.right, false)},
               {"saturates_left", has.saturates_left},
               {"saturates_right", has.saturates_right},
               {"zero_centred", has.zero_centred},
               {"largest_slope", has.largest_slope},
               {"exact_zeros", has.exact_zeros},
               {"smooth", has.smooth},
               {"gain", has.gain},
               {"initialiser", activation::name_of(row.initialiser)},
               {"accuracy",
                {{"value_ulp", row.accuracy.value},
                 {"slope_ulp", row.accuracy.slope},
                 {"note", row.accuracy.note}}},
               {"points", points}};
  if (cost) json["cost"] = cost_json(*cost);
  return json;
}

}  // namespace

std::string activation_json(const Row& row, const Cost* cost) {
  Json json = {{"schema", 1}};
  const Json about = row_json(row, cost);
  for (const auto& [name, member] : about.members()) json[name] = member;
  return json.dump(2) + "\n";
}

std::string family_json(std::span<const Cost> costs) {
  Json all = Json::array();
  for (const Row& row : activation::family())
    all.push_back(row_json(row, costs.empty() ? nullptr : &costs[row.index]));
  return Json({{"schema", 1}, {"activations", all}}).dump(2) + "\n";
}

}  // namespace rectify::report
