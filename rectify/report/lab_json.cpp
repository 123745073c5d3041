#include <charconv>
#include <cmath>

#include "rectify/base/enumeration.h"
#include "rectify/report/document.h"
#include "rectify/report/lab.h"

namespace rectify::report {

namespace {

using Texts = std::vector<std::pair<std::string, std::string>>;

Json pairs_json(const Texts& pairs) {
  Json object = Json::object();
  for (const auto& [name, value] : pairs) object[name] = value;
  return object;
}

Texts pairs_from(const Json& json) {
  Texts pairs;
  for (const auto& [name, value] : json.members())
    pairs.emplace_back(name, value.get<std::string>());
  return pairs;
}

double number_from(const Json& json) {
  return json.is_number() ? json.get<double>() : std::nan("");
}

std::vector<double> numbers_from(const Json& json) {
  std::vector<double> values;
  for (const Json& item : json) values.push_back(number_from(item));
  return values;
}

/// A curve's numbers to six digits, which is more than a plot shows: what is judged are figures,
/// and results lie in a repository.
std::vector<double> to_six_digits(std::vector<double> values) {
  for (double& value : values) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6);
    std::from_chars(text, end.ptr, value);
  }
  return values;
}

Json voice_json(const std::optional<Voice>& voice) {
  if (!voice) return nullptr;
  return {{"source", voice->source},     {"claimed", voice->claimed},
          {"figure", voice->figure},     {"doubtful", voice->doubtful},
          {"absolute", voice->absolute}, {"standing", name_of(voice->standing)},
          {"reason", voice->reason}};
}

std::optional<Voice> voice_from(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  return Voice{.source = json.at("source").get<std::string>(),
               .claimed = json.at("claimed").get<std::string>(),
               .figure = number_from(json.at("figure")),
               .doubtful = json.at("doubtful").get<bool>(),
               // results of older programs do not have it
               .absolute = json.contains("absolute") && json.at("absolute").get<bool>(),
               .standing = parse_name<Standing>("standing", json.at("standing").get<std::string>()),
               .reason = json.at("reason").get<std::string>()};
}

Json claim_json(const Claim& claim) {
  return {{"text", claim.text},
          {"measured", claim.measured},
          {"unit", claim.unit},
          {"exact", claim.exact},
          {"mean", claim.mean},
          {"low", claim.low},
          {"high", claim.high},
          {"values", claim.values},
          {"article", voice_json(claim.article)},
          {"paper", voice_json(claim.paper)}};
}

Claim claim_of(const Json& json) {
  return {.text = json.at("text").get<std::string>(),
          .measured = json.at("measured").get<std::string>(),
          .unit = json.at("unit").get<std::string>(),
          .exact = json.at("exact").get<bool>(),
          .values = numbers_from(json.at("values")),
          .mean = number_from(json.at("mean")),
          .low = number_from(json.at("low")),
          .high = number_from(json.at("high")),
          .article = voice_from(json.at("article")),
          .paper = voice_from(json.at("paper"))};
}

Json cell_json(const LabCell& cell) {
  Json runs = Json::array();
  for (const LabRun& run : cell.runs) {
    Json figures = Json::object(), series = Json::array();
    for (const auto& [name, value] : run.figures) figures[name] = value;
    for (const LabSeries& one : run.series)
      series.push_back(
          {{"name", one.name}, {"x", to_six_digits(one.x)}, {"y", to_six_digits(one.y)}});
    runs.push_back(
        {{"seed", run.seed}, {"figures", figures}, {"series", series}, {"lines", run.lines}});
  }
  return {{"name", cell.name},
          {"options", pairs_json(cell.options)},
          {"chosen", pairs_json(cell.chosen)},
          {"runs", runs}};
}

LabCell cell_of(const Json& json) {
  LabCell cell{.name = json.at("name").get<std::string>(),
               .options = pairs_from(json.at("options")),
               .chosen = pairs_from(json.at("chosen"))};
  for (const Json& one : json.at("runs")) {
    LabRun run{.seed = one.at("seed").get<std::uint64_t>()};
    for (const auto& [name, value] : one.at("figures").members())
      run.figures.emplace_back(name, number_from(value));
    for (const Json& series : one.at("series"))
      run.series.push_back({.name = series.at("name").get<std::string>(),
                            .x = numbers_from(series.at("x")),
                            .y = numbers_from(series.at("y"))});
    run.lines = one.at("lines").get<std::vector<std::string>>();
    cell.runs.push_back(std::move(run));
  }
  return cell;
}

Json plot_json(const LabPlot& plot) {
  return {{"title", plot.title}, {"figure", plot.figure}, {"series", plot.series},
          {"x", plot.x_label},   {"y", plot.y_label},     {"log_x", plot.log_x},
          {"log_y", plot.log_y}};
}

LabPlot plot_of(const Json& json) {
  return {.title = json.at("title").get<std::string>(),
          .figure = json.at("figure").get<std::string>(),
          .series = json.at("series").get<std::string>(),
          .x_label = json.at("x").get<std::string>(),
          .y_label = json.at("y").get<std::string>(),
          .log_x = json.at("log_x").get<bool>(),
          .log_y = json.at("log_y").get<bool>()};
}

/// The members that are texts, by their names.
constexpr std::pair<const char*, std::string LabResult::*> texts[] = {
    {"id", &LabResult::id},
    {"title", &LabResult::title},
    {"claim", &LabResult::claim},
    {"area", &LabResult::area},
    {"by", &LabResult::by},
    {"original", &LabResult::original},
    {"rule", &LabResult::rule},
    {"mode", &LabResult::mode},
    {"rectify", &LabResult::version},
    {"date", &LabResult::date},
    {"command", &LabResult::command},
    {"data", &LabResult::data},
    {"stand_in", &LabResult::stand_in}};

LabResult result_from(const Json& json) {
  LabResult result;
  for (const auto& [name, member] : texts) result.*member = json.at(name).get<std::string>();
  if (json.contains("in_short"))  // results of older programs have none
    result.in_short = json.at("in_short").get<std::string>();
  result.seconds = json.at("seconds").get<double>();
  if (json.contains("processor_seconds"))  // results of older programs have none
    result.processor_seconds = json.at("processor_seconds").get<double>();
  result.notes = json.at("notes").get<std::vector<std::string>>();
  result.settings = pairs_from(json.at("settings"));
  result.machine = pairs_from(json.at("machine"));
  for (const auto& [name, words] : json.at("figure_names").members())
    result.figure_names[name] = words.get<std::string>();
  for (const Json& claim : json.at("claims")) result.claims.push_back(claim_of(claim));
  for (const Json& cell : json.at("cells")) result.cells.push_back(cell_of(cell));
  for (const Json& plot : json.at("plots")) result.plots.push_back(plot_of(plot));
  return result;
}

Json standing_json(const std::optional<Standing>& standing) {
  if (!standing) return nullptr;
  return name_of(*standing);
}

}  // namespace

std::string to_json(const LabResult& result) {
  Json json = {{"schema", 1}};
  for (const auto& [name, member] : texts) json[name] = result.*member;
  json["in_short"] = result.in_short;
  json["seconds"] = result.seconds;
  json["processor_seconds"] = result.processor_seconds;
  json["verdict"] = {{"article", standing_json(standing_of(result, &Claim::article))},
                     {"paper", standing_json(standing_of(result, &Claim::paper))}};
  json["notes"] = result.notes;
  json["settings"] = pairs_json(result.settings);
  json["machine"] = pairs_json(result.machine);
  json["figure_names"] = result.figure_names;
  json["claims"] = Json::array();
  for (const Claim& claim : result.claims) json["claims"].push_back(claim_json(claim));
  json["cells"] = Json::array();
  for (const LabCell& cell : result.cells) json["cells"].push_back(cell_json(cell));
  json["plots"] = Json::array();
  for (const LabPlot& plot : result.plots) json["plots"].push_back(plot_json(plot));
  return json.dump(1) + "\n";
}

LabResult lab_result_from_json(const std::string& text) {
  try {
    return result_from(Json::parse(text));
  } catch (const JsonError& error) {
    fail("a result of the lab cannot be read: ", error.what());
  }
}

}  // namespace rectify::report
