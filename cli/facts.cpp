#include "cli/facts.h"

#include <algorithm>

#include "cli/box_flags.h"
#include "cli/columns.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/verify/extremes.h"
#include "rectify/verify/facts.h"
#include "rectify/verify/lipschitz.h"

namespace rectify::cli {

namespace {

using Lines = std::vector<std::vector<std::string>>;

/// Columns that are as wide as they need to be, two spaces apart; the first is of words.
std::string table_text(const Lines& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c)
      widths[c] = std::max(widths[c], line[c].size() + (c > 0 ? 2 : 0));
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) text += padded(line[c], widths[c], c > 0);
    text += "\n";
  }
  return text;
}

std::string effort_text(std::size_t sub_problems, double seconds, bool tight) {
  return concat(count_text(static_cast<std::int64_t>(sub_problems)), " sub-problems, ",
                fixed_text(seconds, 2), " s",
                tight ? "" : "; more time may bring bounds nearer to what was found", "\n");
}

Json facts_json(const Boxed& boxed) {
  return {{"schema", 1},
          {"model", graph::model_text(boxed.predictor->model().graph)},
          {"box", box_json(boxed.box)}};
}

Json steepness_json(const verify::Lipschitz& constants, std::size_t output) {
  const verify::Steepness& of = constants.outputs[output];
  return {{"proven", of.proven}, {"found", of.found}, {"input", of.at}};
}

}  // namespace

verify::Limits limits_for(const FactFlags& flags, Terminal& terminal) {
  return {.seconds = flags.timeout,
          .threads = flags.threads,
          .progress = terminal.progress(),
          .stop = stop_when_interrupted()};
}

void show_ranges(const FactFlags& flags, Terminal& terminal) {
  const Boxed boxed = load_boxed(flags, flags.box, flags.threads);
  const verify::Extremes extremes =
      verify::output_extremes(*boxed.predictor, boxed.box, limits_for(flags, terminal));
  Json json = facts_json(boxed);
  Lines lines = {{"output", "proven: at least", "found", "found", "proven: at most"}};
  for (std::size_t o = 0; o < extremes.outputs.size(); ++o) {
    const verify::OutputExtremes& of = extremes.outputs[o];
    const std::string name = output_name(boxed.predictor->model(), o);
    lines.push_back({name, four_digits_down(of.proven.low), four_digits(of.least),
                     four_digits(of.greatest), four_digits_up(of.proven.high)});
    json["outputs"].push_back({{"output", name},
                               {"proven", {of.proven.low, of.proven.high}},
                               {"found", {of.least, of.greatest}},
                               {"inputs", {of.at_least, of.at_greatest}}});
  }
  json["tight"] = extremes.tight, json["sub_problems"] = extremes.sub_problems;
  json["seconds"] = extremes.seconds;
  terminal.print(
      terminal.json ? json.dump(2) + "\n"
                    : concat("outputs in ", boxed.from, "\n", table_text(lines),
                             effort_text(extremes.sub_problems, extremes.seconds, extremes.tight)));
}

void show_steepness(const FactFlags& flags, Terminal& terminal) {
  const Boxed boxed = load_boxed(flags, flags.box, flags.threads);
  verify::Limits limits = limits_for(flags, terminal);
  limits.seconds /= 2;
  const verify::Lipschitz inf =
      verify::lipschitz(*boxed.predictor, boxed.box, verify::Norm::inf, limits);
  const verify::Lipschitz two =
      verify::lipschitz(*boxed.predictor, boxed.box, verify::Norm::two, limits);
  Json json = facts_json(boxed);
  Lines lines = {{"output", "max norm: at most", "found", "2-norm: at most", "found"}};
  for (std::size_t o = 0; o < inf.outputs.size(); ++o) {
    const std::string name = output_name(boxed.predictor->model(), o);
    lines.push_back({name, four_digits_up(inf.outputs[o].proven), four_digits(inf.outputs[o].found),
                     four_digits_up(two.outputs[o].proven), four_digits(two.outputs[o].found)});
    json["outputs"].push_back(
        {{"output", name}, {"inf", steepness_json(inf, o)}, {"2", steepness_json(two, o)}});
  }
  const bool tight = inf.tight && two.tight;
  const std::size_t sub_problems = inf.sub_problems + two.sub_problems;
  const double seconds = inf.seconds + two.seconds;
  json["tight"] = tight, json["sub_problems"] = sub_problems, json["seconds"] = seconds;
  terminal.print(terminal.json
                     ? json.dump(2) + "\n"
                     : concat("Lipschitz constants in ", boxed.from, "\n", table_text(lines),
                              effort_text(sub_problems, seconds, tight)));
}

void show_dead_units(const FactFlags& flags, Terminal& terminal) {
  constexpr std::size_t most_numbers = 20;
  const Boxed boxed = load_boxed(flags, flags.box, flags.threads);
  Json json = facts_json(boxed);
  json["layers"] = Json::array();
  std::string text = concat("units that are proven never to fire in ", boxed.from, "\n");
  for (const verify::DeadUnits& layer : verify::dead_units(*boxed.predictor, boxed.box)) {
    json["layers"].push_back(
        {{"layer", layer.label}, {"units", layer.of}, {"dead", layer.numbers}});
    text += concat("  ", layer.label, ": ", layer.numbers.size(), " of ", layer.of);
    for (std::size_t i = 0; i < std::min(layer.numbers.size(), most_numbers); ++i)
      text += concat(i == 0 ? ": " : ", ", layer.numbers[i]);
    text += layer.numbers.size() > most_numbers ? ", ...; --json has all\n" : "\n";
  }
  terminal.print(terminal.json ? json.dump(2) + "\n" : text);
}

}  // namespace rectify::cli
