// rectify resume: goes on with a training run or a comparison that was interrupted.

#include <memory>

#include "cli/comparing.h"
#include "cli/flags.h"
#include "cli/training.h"
#include "cli/verb.h"
#include "rectify/base/file.h"
#include "rectify/run/warm_up.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::string folder;
};

int resume_comparison(const train::RunFolder& folder, ThreadPool& threads, Terminal& terminal) {
  const lab::CompareOptions options =
      lab::compare_options_from_json(read_file(folder.file("compare.json")));
  const data::Dataset dataset = data::open(options.train.data, threads);
  return compare_in(folder, options, dataset, threads, terminal);
}

/// A run that has no state yet because the search for its rate is not done.
int resume_search(const train::RunFolder& folder, ThreadPool& threads, Terminal& terminal) {
  const train::Options options = train::options_from_json(read_file(folder.file("search.json")));
  const data::Dataset dataset = data::open(options.data, threads);
  return train_anew(folder, options, true, dataset, threads, terminal);
}

int resume_training(const train::RunFolder& folder, ThreadPool& threads, Terminal& terminal) {
  const train::Options options = train::saved_options(folder);
  const data::Dataset dataset = data::open(options.data, threads);
  train::Trainer trainer(options, dataset, threads);
  for (const std::string& warning : train::resume(folder, trainer)) terminal.warn(warning);
  if (trainer.finished())
    terminal.say("this run is finished; nothing is left to train");
  else
    terminal.say("going on after epoch " + std::to_string(trainer.history().size()) + " of " +
                 std::to_string(options.epochs));
  return train_in(folder, trainer, terminal);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option("folder", flags->folder, "Folder of an earlier train or compare")
      .type_name("DIR")
      .required();
  declare_threads(args, *flags);
  return [flags](Terminal& terminal) {
    const auto folder = train::RunFolder::open(flags->folder);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    if (std::filesystem::exists(folder.file("compare.json")))
      return resume_comparison(folder, threads, terminal);
    if (!std::filesystem::exists(folder.file("state.safetensors")))
      return resume_search(folder, threads, terminal);
    return resume_training(folder, threads, terminal);
  };
}

}  // namespace

std::span<const Verb> resume() {
  static const Verb all[] = {{"resume", "Goes on with an interrupted train or compare",
                              "rectify resume mnist-activations", declare}};
  return all;
}

}  // namespace rectify::cli::ops
