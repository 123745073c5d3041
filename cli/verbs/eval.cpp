// rectify eval: the error of trained weights on data.

#include <memory>

#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/score.h"
#include "cli/verb.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/remarks.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, ModelFlags {};

Json json_of(const Loaded& loaded, const model::Evaluation& e, const Flags& flags) {
  Json json = {{"schema", 1},
               {"model", graph::model_text(loaded.model.graph)},
               {"data", loaded.dataset.spec},
               {"split", flags.split},
               {"samples", e.samples},
               {"loss", e.loss},
               {"error", e.error}};
  put_scores(json, e);
  if (!flags.views.empty()) json["views"] = flags.views;
  if (flags.weights_as != run::WeightPrecision::fp32)
    json["weights_as"] = std::string(rectify::name_of(flags.weights_as));
  if (!loaded.model.class_names.empty()) {
    json["classes"] = loaded.model.class_names;
    json["confusion"] = e.confusion;
  }
  for (const model::LayerActivity& layer : e.layers)
    json["layers"].push_back({{"label", layer.label},
                              {"units", layer.units},
                              {"exact_zeros", layer.zero_share(e.samples)},
                              {"dead_units", layer.dead_share()},
                              {"channels", layer.channels},
                              {"dead_channels", layer.dead_channel_share()}});
  return json;
}

/// "relu1: 128 units, exact zeros 61.2 %, dead 1.6 %"; of images and sequences "relu2: 1600 units
/// (16 channels at 100 positions), exact zeros 61.2 %, dead: 0 of 16 channels, 10.6 % of units".
std::string line_of(const model::LayerActivity& layer, std::size_t samples) {
  const auto percent = [](double share) { return fixed_text(100 * share, 1) + " %"; };
  const bool positions = layer.channels < layer.units;
  return concat("  ", layer.label, ": ", layer.units, " units",
                positions ? concat(" (", layer.channels, " channels at ",
                                   layer.units / layer.channels, " positions)")
                          : "",
                ", exact zeros ", percent(layer.zero_share(samples)), ", dead",
                positions ? concat(": ", layer.dead_channels(), " of ", layer.channels,
                                   " channels, ", percent(layer.dead_share()), " of units")
                          : " " + percent(layer.dead_share()),
                "\n");
}

std::string text_of(const Loaded& loaded, const model::Evaluation& e, const std::string& split) {
  std::string text =
      concat(score_text(e), ", loss ", fixed_text(e.loss, 4), " on ",
             count_text(static_cast<std::int64_t>(e.samples)), " ",
             split == "all" ? "" : split + " ", "samples of ", loaded.dataset.spec, "\n");
  for (const model::LayerActivity& layer : e.layers) text += line_of(layer, e.samples);
  return text;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_model(args, *flags);
  declare_weights_as(args, flags->weights_as);
  declare_threads(args, *flags);
  return [flags](Terminal& terminal) {
    ThreadPool threads(flags->threads);
    Loaded loaded = load_with_data(*flags, threads, Wanted::test_errors);
    for (const std::string& note : loaded.dataset.notes) terminal.say(note);
    model::Evaluator evaluator = evaluator_of(loaded, *flags, threads);
    const data::Split& split = split_of(loaded.dataset, flags->split);
    const model::Evaluation result = evaluator.evaluate(split, model::all_samples(split.count),
                                                        loaded.model.normalisation, true);
    for (const std::string& remark : model::remarks(result, loaded.model.class_names))
      terminal.warn(remark);
    terminal.print(terminal.json
                       ? json_of(loaded, result, *flags).dump(2, Json::BadText::replace) + "\n"
                       : text_of(loaded, result, flags->split));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> eval() {
  static const Verb all[] = {{"eval", "Measures trained weights on data",
                              "rectify eval mnist-relu --data mnist:data/mnist", declare}};
  return all;
}

}  // namespace rectify::cli::ops
