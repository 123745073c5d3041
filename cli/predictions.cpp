#include "cli/predictions.h"

#include <cmath>

#include "cli/columns.h"
#include "rectify/base/text.h"
#include "rectify/model/metrics.h"

namespace rectify::cli {

namespace {

using Line = std::vector<std::string>;

std::string csv_line(const Line& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i > 0 ? "," : "") + csv_field(fields[i]);
  return line + "\n";
}

std::string share_text(double p) { return std::isnan(p) ? std::string() : fixed_text(p, 6); }

Line heading(const Predictions& p) {
  Line fields = {"index"};
  if (!p.notes.places.empty()) fields.push_back(p.notes.unit);
  if (!p.notes.ids.empty()) fields.push_back(p.notes.id);
  const bool classes = !p.model.class_names.empty();
  if (classes || p.answers.width == 1)
    fields.push_back("predicted");
  else
    for (std::size_t j = 0; j < p.answers.width; ++j)
      fields.push_back("predicted_" + std::to_string(j));
  if (classes) fields.push_back("probability");
  if (classes && p.probabilities)
    for (const std::string& name : p.model.class_names) fields.push_back("p=" + name);
  if (!p.notes.actual.empty()) fields.push_back("actual");
  return fields;
}

/// The probabilities of all classes, and that of the answer; NaN where the loss knows none.
struct Shares {
  std::vector<double> all;
  double own = std::nan("");
};

Shares shares_of(const Predictions& p, std::size_t i) {
  Shares shares{.all = model::probabilities(p.answers.of(i), p.model.loss)};
  const std::int32_t guess = p.answers.classes[i];
  shares.all.resize(p.model.class_names.size(), std::nan(""));
  if (guess >= 0) shares.own = shares.all[static_cast<std::size_t>(guess)];
  return shares;
}

std::string guess_of(const Predictions& p, std::size_t i) {
  const std::int32_t guess = p.answers.classes[i];
  return guess < 0 ? "" : p.model.class_names[static_cast<std::size_t>(guess)];
}

Line line_of(const Predictions& p, std::size_t i) {
  const std::uint32_t number = p.numbers[i];
  Line fields = {std::to_string(number)};
  if (!p.notes.places.empty()) fields.push_back(p.notes.places[number]);
  if (!p.notes.ids.empty()) fields.push_back(p.notes.ids[number]);
  if (p.model.class_names.empty()) {
    for (const float z : p.answers.of(i)) fields.push_back(number_text(z));
  } else {
    const Shares shares = shares_of(p, i);
    fields.push_back(guess_of(p, i));
    fields.push_back(share_text(shares.own));
    for (std::size_t j = 0; p.probabilities && j < shares.all.size(); ++j)
      fields.push_back(share_text(shares.all[j]));
  }
  if (!p.notes.actual.empty()) fields.push_back(p.notes.actual[number]);
  return fields;
}

Json json_of(const Predictions& p, std::size_t i) {
  const std::uint32_t number = p.numbers[i];
  Json item = {{"index", number}, {"outputs", p.answers.of(i)}};
  if (!p.notes.places.empty()) {
    const auto row = parse_integer(p.notes.places[number]);
    item[p.notes.unit] = p.notes.unit == "row" && row ? Json(*row) : Json(p.notes.places[number]);
  }
  if (!p.notes.ids.empty()) item["id"] = p.notes.ids[number];
  if (!p.model.class_names.empty()) {
    const Shares shares = shares_of(p, i);
    item["predicted"] = p.answers.classes[i] < 0 ? Json() : Json(guess_of(p, i));
    item["probability"] = shares.own;
    if (p.probabilities) item["probabilities"] = shares.all;
  } else if (p.answers.width == 1) {
    item["predicted"] = p.answers.of(i)[0];
  }
  if (!p.notes.actual.empty()) {
    const std::string& actual = p.notes.actual[number];
    const auto value = p.model.class_names.empty() ? parse_number(actual) : std::nullopt;
    item["actual"] = actual.empty() ? Json() : value ? Json(*value) : Json(actual);
  }
  return item;
}

}  // namespace

std::string Predictions::csv() const {
  std::string text = csv_line(heading(*this));
  for (std::size_t i = 0; i < answers.count; ++i) text += csv_line(line_of(*this, i));
  return text;
}

Json Predictions::json() const {
  Json list = Json::array();
  for (std::size_t i = 0; i < answers.count; ++i) list.push_back(json_of(*this, i));
  Json all = {{"schema", 1}, {"predictions", list}};
  if (!model.class_names.empty()) all["classes"] = model.class_names;
  return all;
}

}  // namespace rectify::cli
