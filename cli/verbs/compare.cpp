// rectify compare: the same network with one activation after another, and what it did to training.

#include "rectify/lab/compare.h"

#include <memory>

#include "cli/comparing.h"
#include "cli/flags.h"
#include "cli/verb.h"
#include "cli/way_back.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, TrainingFlags, NetworkFlags {
  std::string activations = "relu,tanh,sigmoid";
  double dropout = 0;
  int seeds = 3;
};

std::string command_of(const CLI::App& app) {
  std::string command = "rectify compare";
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty() || !option->get_configurable())
      continue;
    command += " --" + option->get_lnames()[0];
    for (const std::string& value : option->results()) command += " " + shell_word(value);
  }
  return command + " --out again";
}

lab::CompareOptions options_of(Flags& flags, const CLI::App& app) {
  lab::CompareOptions options{.model = own_model(flags),
                              .hidden = parse_widths(flags.hidden),
                              .dropout = flags.dropout,
                              .seeds = flags.seeds,
                              .search = wants_search(flags),
                              .command = command_of(app)};
  for (const std::string& item : split(flags.activations, ','))
    options.activations.emplace_back(trim(item));
  options.train = flags.options;
  if (options.train.init == "auto") options.train.init = lab::usual_training().init;
  return options;
}

Action declare(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  flags->options.epochs = lab::usual_training().epochs;
  app.add_option("--activations", flags->activations,
                 "Names with commas between; an item may have numbers: 'leaky_relu a=0.1'")
      ->type_name("ACTIVATIONS");
  declare_network(app, *flags, "; each activation takes the place of its relu");
  app.add_option("--seeds", flags->seeds, "Runs of each activation, seeds 1, 2, ...");
  app.add_option("--dropout", flags->dropout,
                 "Without --model: rate after every hidden activation; 0 is none");
  declare_training(app, *flags, "auto", {"model", "seed", "weights"});
  declare_out(app, *flags, "rectify-compare");
  declare_threads(app, *flags);
  return [flags, &app](Terminal& terminal) {
    const lab::CompareOptions options = options_of(*flags, app);
    lab::check(options);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const data::Dataset dataset = data::open(options.train.data, threads);
    lab::check_with(options, dataset);
    catch_interrupts();  // from here on there is something to lose
    const auto folder = train::RunFolder::create(flags->out, flags->force, config_of(app));
    with_way_back(folder, [&] { write_file(folder.file("compare.json"), lab::to_json(options)); });
    return compare_in(folder, options, dataset, threads, terminal);
  };
}

}  // namespace

std::span<const Verb> compare() {
  static const Verb all[] = {
      {"compare", "Trains the same network with several activations and says what it did",
       "rectify compare --data mnist:data/mnist --activations relu,tanh,sigmoid \\\n"
       "      --hidden 1000,1000,1000 --epochs 20 --seeds 3 --out mnist-activations",
       declare}};
  return all;
}

}  // namespace rectify::cli::ops
