// rectify train: one network on one data set, into a folder.

#include <memory>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/training.h"
#include "cli/training_data.h"
#include "cli/verb.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/weights.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/fit.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, TrainingFlags, NetworkFlags {
  std::string activation = "relu";
};

/// What --model says, with --activation in place of its rectifiers; empty without it.
std::string rectified(const Flags& flags) {
  const std::string text = own_model(flags);
  if (text.empty() || flags.activation == "relu") return text;
  return graph::text_with_activation(graph::parse_model(text), flags.activation);
}

std::string model_text_of(const Flags& flags, const data::Dataset& dataset) {
  if (!flags.model.empty()) return rectified(flags);
  const auto outputs = static_cast<std::int64_t>(
      dataset.classes() > 0 ? dataset.classes() : static_cast<std::size_t>(dataset.target_width));
  const Shape input{static_cast<std::int64_t>(dataset.features())};
  return graph::mlp_text(input, parse_widths(flags.hidden), flags.activation, outputs);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_network(args, *flags, "");
  args.option("--activation", flags->activation,
              "Of the hidden layers; with --model: what takes the place of its relu")
      .type_name("ACTIVATION");
  declare_training(args, *flags, "usual", {"model"});
  declare_out(args, *flags, "rectify-run");
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) {
    train::Options& options = flags->options;
    train::check(options);
    rectified(*flags);  // before data are read
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    if (flags->lr != "usual") wants_search(*flags);  // refuses other words before data are read
    data::Dataset dataset = open_training_data(*flags, threads);
    const auto suited = suit_flags(args, dataset, *flags, *flags, dataset.notes);
    if (flags->lr == "usual") flags->lr = number_text(train::usual_rate(options.optimizer));
    const bool search = wants_search(*flags);
    options.model = model_text_of(*flags, dataset);
    model::Model model(options.model);
    const std::string loss = model::resolve_loss(model.graph, dataset, options.loss);
    train::check_fit(options, model, dataset, loss);
    std::vector<std::string>
        drawn;  // what --weights lacks; read here too, before there is a folder
    if (!options.weights.empty())
      drawn = model::take_weights(options.weights, model.layout, model.parameters.data());
    const auto partition = data::hold_out(dataset.train, options.validation, options.split_seed);
    catch_interrupts();  // from here on there is something to lose
    const auto folder = train::RunFolder::create(flags->out, flags->force, config_of(args, suited));
    for (const std::string& note : dataset.notes) terminal.say(note);
    for (const std::string& label : drawn)
      terminal.say("not in '" + options.weights + "', so it starts as drawn: " + label);
    for (const std::string& warning : model::warnings(model.graph, loss)) terminal.warn(warning);
    if (partition.validation.empty())
      terminal.warn(
          "no samples are held out (--validation 0): 'validation' means training "
          "samples, at most 2,000");
    return train_anew(folder, options, search, dataset, threads, terminal);
  };
}

}  // namespace

std::span<const Verb> train() {
  static const Verb all[] = {{"train", "Trains one network into a folder",
                              "rectify train --data mnist:data/mnist --hidden 1000,1000,1000 \\\n"
                              "      --activation relu --epochs 8 --out mnist-relu",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
