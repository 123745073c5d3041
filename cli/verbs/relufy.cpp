// rectify relufy: rectifiers in place of the smooth activations of a trained network.

#include "rectify/lab/relufy/relufy.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/arguments.h"
#include "cli/estimate.h"
#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/model_out.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/report/format.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/option_table.h"
#include "rectify/train/suit.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, ModelFlags {
  lab::RelufyOptions options;
  std::string shift = "auto", layers, epochs = "auto", lr = "auto";
  std::uint64_t seed = 1;
};

/// A short training has this share of the rate that the network was trained with.
constexpr double rate_share = 0.3;
/// Steps after one layer, where nobody says how many epochs.
constexpr double usual_steps = 300;

/// How the run of the folder was trained; of a file, what suits the data.
train::Options known_training(const Flags& flags, const data::Dataset& dataset) {
  train::Options options;
  if (std::filesystem::exists(std::filesystem::path(flags.model) / "state.safetensors")) {
    options = train::saved_options(std::filesystem::path(flags.model));
  } else if (train::is_of_rows(dataset)) {
    train::suit(options, dataset);
  } else {
    options.optimizer = "adamw";
    options.lr = train::usual_rate(options);
    options.weight_decay = 0.01;
  }
  return options;
}

int usual_epochs(const train::Options& options, const data::Dataset& dataset) {
  const double samples = static_cast<double>(dataset.train.count) * (1 - options.validation);
  const double steps = std::max(1.0, samples / options.batch / options.accumulate);
  return static_cast<int>(std::clamp(std::ceil(usual_steps / steps), 1.0, 100.0));
}

double number_of(const char* flag, const std::string& text) {
  const auto number = parse_number(text);
  if (!number) fail(flag, " wants a number or auto, not '", text, "'");
  return *number;
}

/// The number of epochs. train::check() looks at its range; what fits no int is refused here.
int epochs_of(const std::string& text) {
  const auto number = parse_integer(text);
  if (!number) fail("--epochs wants a whole number or auto, not '", text, "'");
  if (!std::in_range<int>(*number))
    fail("--epochs must be ", train::values_of(train::find_option("epochs")), ", not ", text);
  return static_cast<int>(*number);
}

void complete(Flags& flags, const data::Dataset& dataset) {
  train::Options& options = flags.options.training;
  const train::Options known = known_training(flags, dataset);
  options = known;
  options.epochs = flags.epochs == "auto" ? usual_epochs(known, dataset) : epochs_of(flags.epochs);
  options.lr = flags.lr == "auto" ? rate_share * known.lr : number_of("--lr", flags.lr);
  options.schedule = train::Schedule::cosine;
  options.warmup = -1;
  options.seed = flags.seed;
  if (flags.shift != "auto") flags.options.shift = number_of("--shift", flags.shift);
  if (!flags.layers.empty())
    for (const std::string& label : split(flags.layers, ','))
      flags.options.layers.emplace_back(trim(label));
}

/// Shows the progress, and first, once nothing was found wrong, how each layer is trained on.
ProgressCallback shown(const train::Options& training, Terminal& terminal) {
  std::string first = concat("after each layer: ", training.epochs,
                             training.epochs == 1 ? " epoch of " : " epochs of ",
                             training.optimizer, " at ", number_text(training.lr));
  return [&terminal, first = std::move(first),
          show = with_estimate(terminal, 0)](const Progress& progress) mutable {
    if (!first.empty()) terminal.say(std::exchange(first, {}));
    show(progress);
  };
}

std::string percent(double share) { return fixed_text(100 * share, 1) + " %"; }

std::string table_of(const lab::Relufied& result) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "now", "shift", "zeros before", "after", "error swapped", "trained on"}};
  for (const lab::RelufiedLayer& layer : result.layers)
    rows.push_back({layer.label, layer.after, report::significant_text(layer.shift, 3),
                    percent(layer.zeros_before), percent(layer.zeros_after),
                    error_text(result.model, layer.swapped),
                    error_text(result.model, layer.error)});
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], report::columns_of(row[i]));
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += report::padded(row[i], i + 1 < row.size() ? widths[i] + 2 : 0);
    text += line + "\n";
  }
  return text;
}

std::string text_of(const lab::Relufied& result) {
  std::string text = table_of(result);
  for (const lab::RelufiedLayer& layer : result.layers)
    if (!layer.said.empty()) text += concat(layer.label, ": ", layer.said, "\n");
  const char* const name = result.model.class_names.empty() ? "rmse" : "error";
  const auto line = [&](const char* split, double before, double after, std::size_t samples) {
    return concat(name, " before and after: ", error_text(result.model, before), " and ",
                  error_text(result.model, after), " on ",
                  count_text(static_cast<std::int64_t>(samples)), " ", split, " samples\n");
  };
  text += line("validation", result.before.validation, result.after.validation,
               result.before.validation_samples);
  if (result.before.test_samples > 0)
    text += line("test", result.before.test, result.after.test, result.before.test_samples);
  return text;
}

Json json_of(const lab::Relufied::Errors& errors, bool has_test) {
  Json json = {{"validation_error", errors.validation}};
  if (has_test) json["test_error"] = errors.test;
  return json;
}

Json json_of(const Flags& flags, const data::Dataset& dataset, const lab::Relufied& result) {
  Json layers = Json::array();
  for (const lab::RelufiedLayer& layer : result.layers)
    layers.push_back({{"label", layer.label},
                      {"before", layer.before},
                      {"now", layer.after},
                      {"shift", layer.shift},
                      {"zeros_before", layer.zeros_before},
                      {"zeros_after", layer.zeros_after},
                      {"error_swapped", layer.swapped},
                      {"error", layer.error},
                      {"best_epoch", layer.best_epoch},
                      {"said", layer.said}});
  const train::Options& training = flags.options.training;
  return {{"schema", 1},
          {"model", graph::model_text(result.model.graph)},
          {"data", dataset.spec},
          {"activation", flags.options.activation},
          {"epochs", training.epochs},
          {"lr", training.lr},
          {"optimizer", training.optimizer},
          {"layers", layers},
          {"validation_samples", result.before.validation_samples},
          {"test_samples", result.before.test_samples},
          {"before", json_of(result.before, result.before.test_samples > 0)},
          {"after", json_of(result.after, result.before.test_samples > 0)},
          {"file", flags.out}};
}

void declare_flags(Arguments args, Flags& flags) {
  args.option("model", flags.model, "A safetensors or ONNX file, or the folder of a run")
      .type_name("MODEL")
      .required();
  args.option("--data", flags.data, "Data SPEC; without it, what the run was trained on")
      .type_name("SPEC");
  args.option("--out", flags.out, "The file to write, .safetensors or .onnx")
      .type_name("FILE")
      .required();
  args.flag("--force", flags.force, "Write over a file that is there");
  args.option("--activation", flags.options.activation,
              "What takes the place of smooth activations: exactly 0 to the left, such as relu, "
              "relu_squared or 'threshold_relu theta=0.5'")
      .type_name("ACTIVATION");
  args.option("--shift", flags.shift,
              "relu(x - X), put into the bias before it; auto: each layer's own, by --zeros")
      .type_name("SHIFT");
  args.option("--zeros", flags.options.zeros,
              "Of --shift auto: the share of a layer's outputs that becomes 0; where the error "
              "then stays higher, the layer is tried without a shift");
  args.flag("--hold", flags.options.hold,
            "Chooses shifts again after each epoch, which keeps that share at the cost of error; "
            "otherwise training makes zeros fewer again");
  args.option("--layers", flags.layers,
              "Labels of the activations to replace, with commas between; without it, all that "
              "are smooth")
      .type_name("LIST");
  args.option("--epochs", flags.epochs,
              "Of training after each layer; auto: what takes 300 steps, at most 100")
      .type_name("EPOCHS");
  args.option("--lr", flags.lr,
              "Of this training; auto: 0.3 of the run's rate, or of what suits the data")
      .type_name("RATE");
  args.option("--seed", flags.seed, "Of the samples' order").check(check_seed);
  args.flag("--last", flags.last, "Of a run's folder: the last weights instead of the best");
  declare_onnx(args, flags.onnx);
  declare_threads(args, flags);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_flags(args, *flags);
  return [flags](Terminal& terminal) {
    check_model_out(*flags);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const Loaded loaded = load_with_data(*flags, threads);
    for (const std::string& note : loaded.dataset.notes) terminal.say(note);
    complete(*flags, loaded.dataset);
    catch_interrupts();
    const lab::Relufied result =
        lab::relufy(loaded.model, loaded.dataset, flags->options, threads,
                    shown(flags->options.training, terminal), stop_when_interrupted());
    save_model(flags->out, result.model);
    if (terminal.json)
      terminal.print(json_of(*flags, loaded.dataset, result).dump(2) + "\n");
    else
      terminal.print(concat(text_of(result), "saved ", flags->out, "\n"));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> relufy() {
  static const Verb all[] = {{"relufy",
                              "Puts rectifiers in place of a trained network's smooth activations",
                              "rectify relufy mnist-gelu --data mnist:data/mnist --zeros 0.9 \\\n"
                              "      --out sparse.safetensors",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
