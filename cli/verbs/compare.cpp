// rectify compare: the same network with one activation after another, and what it did to training.

#include "rectify/lab/compare.h"

#include <map>
#include <memory>

#include "cli/comparing.h"
#include "cli/flags.h"
#include "cli/training_data.h"
#include "cli/verb.h"
#include "cli/way_back.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/lab/pretraining.h"
#include "rectify/pretrain/options.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/option_table.h"
#include "rectify/train/suit.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags, TrainingFlags, NetworkFlags {
  std::string activations = "relu,tanh,sigmoid";
  double dropout = 0;
  std::string pretraining = "none";
  int pretraining_epochs = 10;
  std::string sparsity;
  int seeds = 3;
  lab::Keep keep = lab::Keep::none;
};

std::string command_of(const Arguments& args) {
  std::string command = "rectify compare";
  for (const Declared& flag : args.declared()) {
    if (flag.typed.empty() || flag.positional || !flag.configurable) continue;
    command += " " + flag.name;
    for (const std::string& value : flag.typed) command += " " + shell_word(value);
  }
  return command + " --out again";
}

std::vector<double> parse_penalties(const std::string& text) {
  std::vector<double> penalties;
  if (text.empty()) return penalties;
  for (const std::string& part : split(text, ',')) {
    const auto penalty = parse_number(trim(part));
    if (!penalty) fail("--sparsity wants penalties such as 0,0.02,0.1, not '", text, "'");
    penalties.push_back(*penalty);
  }
  return penalties;
}

lab::CompareOptions options_of(Flags& flags, const Arguments& args) {
  lab::CompareOptions options{.model = own_model(flags),
                              .hidden = parse_widths(flags.hidden),
                              .dropout = flags.dropout,
                              .pretraining = {},
                              .pretraining_epochs = flags.pretraining_epochs,
                              .penalties = parse_penalties(flags.sparsity),
                              .seeds = flags.seeds,
                              .search = wants_search(flags),
                              .command = command_of(args),
                              .keep = flags.keep};
  for (const std::string& item : split(flags.activations, ','))
    options.activations.emplace_back(trim(item));
  for (const std::string& name : split(flags.pretraining, ','))
    options.pretraining.emplace_back(trim(name));
  options.train = flags.options;
  if (options.train.init == "auto") options.train.init = lab::usual_training().init;
  return options;
}

/// Where nobody says what samples are scaled to: what suits the data and the layers that are
/// pretrained, the same for all networks.
void suit_scaling(lab::CompareOptions& options, const Arguments& args, data::Dataset& dataset) {
  if (is_given(args, "--normalise")) return;
  for (const std::string& name : options.pretraining) {
    if (name == "none") continue;
    const std::string stack = lab::stack_for(name, options.activations[0], options.hidden);
    options.train.normalise = pretrain::suited_normaliser(stack, dataset);
    if (options.train.normalise == data::Normaliser::range)
      dataset.notes.push_back(
          "samples are scaled to the range 0 to 1, which suits pretraining "
          "(--normalise says otherwise)");
    return;
  }
  if (train::suited_normaliser(dataset) != data::Normaliser::features) return;
  options.train.normalise = data::Normaliser::features;
  dataset.notes.push_back(
      "features are unlike in size, so that each has its own scale: --normalise features");
}

/// Of rows of numbers: batches and epochs that make enough steps, where nobody says how many. The
/// usual ones are for thousands of images, and of a hundred rows ten epochs are ten steps. Returns
/// the flags that change, with their values.
std::map<std::string, std::string, std::less<>> suit_steps(lab::CompareOptions& options,
                                                           const Arguments& args,
                                                           data::Dataset& dataset) {
  std::map<std::string, std::string, std::less<>> changed;
  if (!train::is_of_rows(dataset)) return changed;
  const auto is_own = [&](std::string_view name) {
    return name == "optimizer" || name == "normalise" ||
           is_given(args, train::flag_of(train::find_option(name)));
  };
  std::string list;
  for (const std::string_view name : train::suit(options.train, dataset, is_own)) {
    const train::Option& option = train::find_option(name);
    changed[train::flag_of(option)] = train::text_of(option, options.train);
    list += " " + train::flag_of(option) + " " + train::text_of(option, options.train);
  }
  if (!list.empty())
    dataset.notes.push_back(concat("for ",
                                   count_text(static_cast<std::int64_t>(dataset.train.count)),
                                   " rows of numbers, where you chose nothing else:", list));
  return changed;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  flags->options.epochs = lab::usual_training().epochs;
  args.option("--activations", flags->activations,
              "Names with commas between; an item may have numbers: 'leaky_relu a=0.1'")
      .type_name("ACTIVATIONS");
  declare_network(args, *flags, "; each activation takes the place of its relu");
  args.option("--seeds", flags->seeds, "Runs of each activation, seeds 1, 2, ...");
  args.option("--pretrain", flags->pretraining,
              "Without --model: what networks start from, names with commas between: none, or "
              "layers that learnt without labels (rectify pretrain)")
      .type_name("KINDS");
  args.option("--pretrain-epochs", flags->pretraining_epochs, "Epochs of each such layer");
  args.option("--sparsity", flags->sparsity,
              "Penalties, with commas between, each of which each activation is trained with in "
              "place of --l1; inference is timed too, and error drawn against zeros and against "
              "samples a second")
      .type_name("PENALTIES");
  args.option("--dropout", flags->dropout,
              "Without --model: rate after every hidden activation; 0 is none");
  named_option(args, "--keep", flags->keep,
               "Weights that stay in the folder: best: the winner's, which eval and predict read; "
               "all: those of every run too [none, best, all]")
      .type_name("KEEP");
  declare_training(args, *flags, "auto", {"model", "seed", "weights"});
  declare_out(args, *flags, "rectify-compare");
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) {
    lab::CompareOptions options = options_of(*flags, args);
    lab::check(options);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    data::Dataset dataset = open_training_data(*flags, threads);
    suit_scaling(options, args, dataset);
    const auto suited = suit_steps(options, args, dataset);
    options.train.data = flags->options.data;  // with the task that was chosen
    lab::check_with(options, dataset);
    catch_interrupts();  // from here on there is something to lose
    const auto folder = train::RunFolder::create(flags->out, flags->force, config_of(args, suited));
    with_way_back(folder, [&] { write_file(folder.file("compare.json"), lab::to_json(options)); });
    return compare_in(folder, options, dataset, threads, terminal);
  };
}

}  // namespace

std::span<const Verb> compare() {
  static const Verb all[] = {
      {"compare", "Trains the same network with several activations and says what it did",
       "rectify compare --data mnist:data/mnist --activations relu,tanh,sigmoid \\\n"
       "      --hidden 1000,1000,1000 --epochs 20 --seeds 3 --out mnist-activations\n"
       "  rectify compare --data mnist:data/mnist --activations 'relu,top_k 0.1' \\\n"
       "      --hidden 1000,1000,1000 --sparsity 0,0.02,0.1 --out zeros",
       declare}};
  return all;
}

}  // namespace rectify::cli::ops
