// rectify train: one network on one data set, into a folder.

#include <memory>
#include <string>
#include <vector>

#include "cli/asked.h"
#include "cli/event_folder.h"
#include "cli/training.h"
#include "cli/verb.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/weights.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/fit.h"

namespace rectify::cli::ops {

namespace {

struct Flags : AskedFlags, RunFlags {};

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_asked(args, *flags);
  declare_out(args, *flags, "rectify-run");
  named_option(args, "--stop-on", flags->stop_on,
               "Ends training with exit code 4 when a warning shows a fault, or any warning")
      .type_name("SEVERITY")
      .configurable(false);
  declare_event_folder(args, flags->tensorboard, "Folder for curves that TensorBoard shows");
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) {
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const Asked asked = open_asked(args, *flags, threads);
    const train::Options& options = flags->options;
    check_event_folder(flags->tensorboard, flags->force);
    const data::Dataset& dataset = asked.dataset;
    model::Model model(options.model);
    const std::string loss = model::resolve_loss(model.graph, dataset, options.loss);
    train::check_fit(options, model, dataset, loss);
    std::vector<std::string>
        drawn;  // what --weights lacks; read here too, before there is a folder
    if (!options.weights.empty())
      drawn = model::take_weights(options.weights, model.layout, model.parameters.data());
    const auto partition = data::hold_out(dataset.train, options.validation, options.split_seed);
    catch_interrupts();  // from here on there is something to lose
    const auto folder =
        train::RunFolder::create(flags->out, flags->force, config_of(args, asked.suited));
    for (const std::string& note : dataset.notes) terminal.say(note);
    for (const std::string& label : drawn)
      terminal.say("not in '" + options.weights + "', so it starts as drawn: " + label);
    for (const std::string& warning : model::warnings(model.graph, loss)) terminal.warn(warning);
    if (partition.validation.empty())
      terminal.warn(
          "no samples are held out (--validation 0): 'validation' means training "
          "samples, at most 2,000");
    return train_anew(folder, options, asked.search, dataset, threads, terminal, *flags);
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
