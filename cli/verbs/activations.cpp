// rectify activations: the family as a table, or one of its rows in full.

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verb.h"
#include "rectify/activation/activation.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::cli::ops {

namespace {

using Json = nlohmann::ordered_json;
using activation::Properties;
using activation::Row;

/// Left-aligned in `width` columns; formulas may hold multi-byte characters.
std::string cell(const std::string& text, std::size_t width) {
  std::size_t shown = 0;
  for (const char c : text) shown += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return text + std::string(shown < width ? width - shown : 1, ' ');
}

std::string bound(double v) {
  if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
  return fixed_text(v, std::abs(v - std::round(v)) < 5e-4 ? 0 : 3);
}

std::string saturates(const Properties& p) {
  if (p.saturates_left && p.saturates_right) return "both";
  if (p.saturates_left) return "left";
  return p.saturates_right ? "right" : "-";
}

Json json_of(const Row& row) {
  const Properties p = activation::properties(row, row.defaults());
  const auto number = [](double v) { return std::isfinite(v) ? Json(v) : Json(); };
  Json parameters = Json::array();
  for (const activation::ParameterInfo& info : row.parameters)
    parameters.push_back({{"name", info.name},
                          {"default", info.value},
                          {"low", number(info.low)},
                          {"high", number(info.high)},
                          {"meaning", info.meaning}});
  return {{"name", row.name},
          {"aliases", std::vector<std::string>(row.aliases.begin(), row.aliases.end())},
          {"value", row.formula},
          {"derivative", row.derivative},
          {"kink", row.kink},
          {"source", row.source},
          {"onnx", row.onnx},
          {"parameters", parameters},
          {"low", number(p.low)},
          {"high", number(p.high)},
          {"saturates_left", p.saturates_left},
          {"saturates_right", p.saturates_right},
          {"zero_centred", p.zero_centred},
          {"largest_slope", p.largest_slope},
          {"exact_zeros", p.exact_zeros},
          {"smooth", p.smooth},
          {"gain", p.gain},
          {"initialiser", std::string(activation::name_of(row.initialiser))}};
}

Json document_of(const Row& row) {
  Json json = {{"schema", 1}};
  json.update(json_of(row));
  return json;
}

std::string table() {
  std::string text =
      "name        range            satu-  zero-    max    exact  smooth  gain   init\n"
      "                             rates  centred  slope  zeros\n";
  for (const Row& row : activation::family()) {
    const Properties p = activation::properties(row, row.defaults());
    text += cell(std::string(row.name), 12) +
            cell("[" + bound(p.low) + ", " + bound(p.high) + "]", 17) + cell(saturates(p), 7) +
            cell(p.zero_centred ? "yes" : "no", 9) + cell(fixed_text(p.largest_slope, 3), 7) +
            cell(p.exact_zeros ? "yes" : "no", 7) + cell(p.smooth ? "yes" : "no", 8) +
            cell(fixed_text(p.gain, 3), 7) + std::string(activation::name_of(row.initialiser)) +
            "\n";
  }
  return text + "\nrectify activations NAME says everything about one.\n";
}

std::string sheet(const Row& row) {
  const Properties p = activation::properties(row, row.defaults());
  std::string text = std::string(row.name);
  for (const std::string_view alias : row.aliases) text += concat(", also ", alias);
  const auto line = [&](const char* title, const std::string& value) {
    if (!value.empty()) text += "\n  " + cell(title, 14) + value;
  };
  line("value", std::string(row.formula));
  line("derivative", std::string(row.derivative));
  line("at the kink", std::string(row.kink));
  for (const activation::ParameterInfo& info : row.parameters)
    line("number", concat(info.name, " = ", number_text(info.value), ", ", info.meaning));
  line("range", "[" + bound(p.low) + ", " + bound(p.high) + "]");
  line("saturates", saturates(p));
  line("zero-centred", p.zero_centred ? "yes" : "no");
  line("max slope", fixed_text(p.largest_slope, 4));
  line("exact zeros", p.exact_zeros ? "yes" : "no");
  line("smooth", p.smooth ? "yes" : "no");
  line("gain", fixed_text(p.gain, 4) + ", keeps the second moment of a standard normal input");
  line("initialiser", std::string(activation::name_of(row.initialiser)));
  line("ONNX", row.onnx.empty() ? "a subgraph" : std::string(row.onnx));
  line("source", std::string(row.source));
  text += "\n\n  " + cell("x", 8) + cell("value", 14) + "derivative\n";
  for (const double x : {-3.0, -1.0, 0.0, 0.5, 1.0, 3.0})
    text += "  " + cell(number_text(x), 8) + cell(fixed_text(row.value(x, row.defaults()), 6), 14) +
            fixed_text(row.slope(x, row.defaults()), 6) + "\n";
  return text;
}

Action declare(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("name", *name, "One activation; without it, the table of all");
  return [name](Terminal& terminal) {
    if (!name->empty()) {
      const Row& row = activation::find(*name);
      terminal.print(terminal.json ? document_of(row).dump(2) + "\n" : sheet(row));
      return exit_done;
    }
    Json all = Json::array();
    for (const Row& row : activation::family()) all.push_back(json_of(row));
    terminal.print(terminal.json ? Json({{"schema", 1}, {"activations", all}}).dump(2) + "\n"
                                 : table());
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> activations() {
  static const Verb all[] = {{"activations", "Lists the activation family, or one row in full",
                              "rectify activations gelu", declare}};
  return all;
}

}  // namespace rectify::cli::ops
