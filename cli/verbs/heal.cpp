// rectify heal: mends of trained weights that do not change what the network computes.

#include "rectify/diagnose/heal/heal.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/arguments.h"
#include "cli/columns.h"
#include "cli/config.h"
#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/model_out.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/text.h"
#include "rectify/report/format.h"
#include "rectify/train/options.h"
#include "rectify/train/weights_scaling.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, ModelFlags {
  std::string mends, bounds;
  std::int64_t samples = 10000;
  std::uint64_t seed = 1;
  bool rounding = false;
};

std::string usual_mends() {
  std::string names;
  for (const diagnose::Mend* mend : diagnose::mends())
    if (mend->usual) names += concat(names.empty() ? "" : ",", mend->name);
  return names;
}

std::string mends_help() {
  std::string text = "What to mend, with commas between:";
  for (const diagnose::Mend* mend : diagnose::mends())
    text += concat(" ", mend->name, " (", mend->summary, ")", ",");
  text.back() = '.';
  return text;
}

/// "0,255" as an interval. Throws Error.
activation::Interval parse_bounds(const std::string& text) {
  const std::vector<std::string> ends = split(text, ',');
  const auto low = parse_number(trim(ends.front())), high = parse_number(trim(ends.back()));
  if (ends.size() != 2 || !low || !high || *low > *high)
    fail("--bounds wants the least and the largest input, such as 0,255, not '", text, "'");
  return {*low, *high};
}

diagnose::HealOptions options_of(const Flags& flags) {
  diagnose::HealOptions options{.samples = static_cast<std::size_t>(flags.samples),
                                .rounding = flags.rounding,
                                .seed = flags.seed};
  for (const std::string& name : split(flags.mends, ',')) options.mends.emplace_back(trim(name));
  if (!flags.bounds.empty()) options.bounds = parse_bounds(flags.bounds);
  return options;
}

/// Flags of a run's config that do not go with a network and weights that are given: --activation
/// would take the place of the network's relus, and --init DIR brings weights of its own.
std::string without_own_start(const std::filesystem::path& config) {
  std::ifstream in(config);
  std::string flags;
  for (const ConfigLine& line : read_config(in, config.string())) {
    if (line.name == "activation" && line.value != "relu") flags += " --activation relu";
    if (line.name == "init" && std::ranges::count(graph::initialiser_names, line.value) == 0)
      flags += " --init auto";
  }
  return flags;
}

/// The normaliser that scales the data as the weights know them.
std::string normaliser_of(const model::Model& healed, const data::Dataset& dataset,
                          ThreadPool& threads) {
  const train::Options usual;
  const auto rows = data::hold_out(dataset.train, usual.validation, usual.split_seed).train;
  if (dataset.ids || rows.empty()) return {};
  const data::Normaliser nearest =
      train::nearest_normaliser(healed.normalisation, dataset, rows, usual.normalise, threads);
  return concat(" --normalise ", rectify::name_of(nearest));
}

/// The command that trains on from the new weights.
std::string command_of(const Flags& flags, const Loaded& loaded, const model::Model& healed,
                       ThreadPool& threads) {
  const std::filesystem::path config = std::filesystem::path(flags.model) / "config.toml";
  const bool has_config = std::filesystem::exists(config);
  std::string command = "rectify train", scaling;
  if (has_config)
    command += " --config " + shell_word(config.string()) + without_own_start(config);
  else
    scaling = normaliser_of(healed, loaded.dataset, threads);
  if (!flags.data.empty() || !has_config) command += " --data " + shell_word(loaded.dataset.spec);
  return command + concat(" --model ", shell_word(graph::model_text(healed.graph)), " --weights ",
                          shell_word(flags.out), scaling, " --out healed-run");
}

std::string counted(std::size_t count) { return count_text(static_cast<std::int64_t>(count)); }

/// Lines of 80 columns, the first after `indent` spaces and the others after four.
std::string hanging(const std::string& text, std::size_t indent) {
  const std::string deeper(4, ' ');
  return wrapped(text, deeper).substr(deeper.size() - indent);
}

/// "the same bits on 500 test samples", "changed on 3 of 500 test samples, by 1.2e-07 at most
/// (largest answer 8.1)".
std::string difference_text(const diagnose::AnswerDifference& d, const std::string& what) {
  const std::string samples = concat(counted(d.samples), " ", what, " samples");
  if (d.changed == 0) return "the same bits on " + samples;
  return concat("changed on ", counted(d.changed), " of ", samples, ", by ",
                report::significant_text(d.largest, 3), " at most (largest answer ",
                report::significant_text(d.scale, 3), ")");
}

std::string cost_text(const model::Model& model, const diagnose::AnswerDifference& measured,
                      const diagnose::AnswerDifference& test, const diagnose::Condition& before,
                      const diagnose::Condition& after) {
  return hanging(concat("answers: ", difference_text(measured, "training"), ", ",
                        difference_text(test, "test")),
                 2) +
         hanging(concat("before and after: ", model.class_names.empty() ? "rmse " : "error ",
                        error_text(model, before.error), " and ", error_text(model, after.error),
                        " on test samples, ", counted(before.parameters), " and ",
                        counted(after.parameters), " parameters"),
                 2);
}

std::string text_of(const diagnose::MendReport& report, const model::Model& model) {
  std::string text = report.mend;
  for (const diagnose::Mend* mend : diagnose::mends())
    if (mend->name == report.mend) text += concat(": ", mend->summary);
  text = hanging(text, 0);
  bool silent = true;
  for (const diagnose::MendedLayer& layer : report.layers) {
    if (layer.said.empty()) continue;
    text += hanging(concat(layer.label, ": ", layer.said), 2);
    silent = false;
  }
  if (silent) return text + "  nothing to mend\n";
  if (report.done() == 0) return text;
  text += cost_text(model, report.measured, report.test, report.before, report.after);
  if (report.taken_back) text += "  taken back: answers changed by more than rounding\n";
  return text;
}

Json json_of(const diagnose::AnswerDifference& d) {
  return {{"samples", d.samples},
          {"changed", d.changed},
          {"largest", d.largest},
          {"largest_answer", d.scale}};
}

Json json_of(const diagnose::Condition& c) {
  return {{"error", c.error}, {"loss", c.loss}, {"parameters", c.parameters}};
}

Json json_of(const diagnose::MendReport& report) {
  Json layers = Json::array();
  for (const diagnose::MendedLayer& layer : report.layers)
    layers.push_back({{"label", layer.label},
                      {"units", layer.units},
                      {"mended", layer.done},
                      {"said", layer.said}});
  return {{"mend", report.mend},
          {"layers", layers},
          {"training_answers", json_of(report.measured)},
          {"test_answers", json_of(report.test)},
          {"before", json_of(report.before)},
          {"after", json_of(report.after)},
          {"taken_back", report.taken_back}};
}

Json json_of(const Flags& flags, const Loaded& loaded, const diagnose::Healed& healed,
             const std::string& command) {
  Json mends = Json::array();
  for (const diagnose::MendReport& report : healed.reports) mends.push_back(json_of(report));
  return {{"schema", 1},
          {"model", graph::model_text(healed.model.graph)},
          {"data", loaded.dataset.spec},
          {"mends", mends},
          {"training_answers", json_of(healed.measured)},
          {"test_answers", json_of(healed.test)},
          {"before", json_of(healed.before)},
          {"after", json_of(healed.after)},
          {"file", flags.out},
          {"train", command}};
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  flags->mends = usual_mends();
  args.option("model", flags->model, "A safetensors or ONNX file, or the folder of a run")
      .type_name("MODEL")
      .required();
  args.option("--data", flags->data, "Data SPEC; without it, what the run was trained on")
      .type_name("SPEC");
  args.option("--out", flags->out, "The file to write, .safetensors or .onnx")
      .type_name("FILE")
      .required();
  args.flag("--force", flags->force, "Write over a file that is there");
  args.option("--mend", flags->mends, mends_help()).type_name("MENDS");
  args.option("--bounds", flags->bounds,
              "For remove: inputs lie between LOW,HIGH, in the data's own units; without it, where "
              "each feature lies in the data")
      .type_name("RANGE");
  args.flag("--rounding", flags->rounding,
            "For remove: also units without which sums are made in another order, which changes "
            "last bits of answers");
  args.option("--samples", flags->samples, "Training samples that units are measured on, at most");
  args.option("--seed", flags->seed, "Of what is drawn").check(check_seed);
  args.flag("--last", flags->last, "Of a run's folder: the last weights instead of the best");
  declare_onnx(args, flags->onnx);
  declare_threads(args, *flags);
  return [flags](Terminal& terminal) {
    check_model_out(*flags);
    if (flags->samples < 1) fail("--samples must be 1 or more, not ", flags->samples);
    const diagnose::HealOptions options = options_of(*flags);
    ThreadPool threads(flags->threads);
    const Loaded loaded = load_with_data(*flags, threads);
    for (const std::string& note : loaded.dataset.notes) terminal.say(note);
    const diagnose::Healed healed = diagnose::heal(loaded.model, loaded.dataset, options, threads);
    save_model(flags->out, healed.model);
    const std::string command = command_of(*flags, loaded, healed.model, threads);
    if (terminal.json) {
      terminal.print(json_of(*flags, loaded, healed, command).dump(2) + "\n");
      return exit_done;
    }
    std::string text;
    for (const diagnose::MendReport& report : healed.reports) text += text_of(report, healed.model);
    terminal.print(concat(text, "saved ", flags->out, "\nto train on: ", command, "\n"));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> heal() {
  static const Verb all[] = {{"heal", "Mends a network without changing what it computes",
                              "rectify heal mnist-relu --data mnist:data/mnist --out "
                              "healed.safetensors",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
