// rectify resume: goes on with a training run or a comparison that was interrupted.

#include <memory>

#include "cli/comparing.h"
#include "cli/event_folder.h"
#include "cli/flags.h"
#include "cli/pretraining.h"
#include "cli/training.h"
#include "cli/verb.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/pretrain/folder.h"
#include "rectify/report/format.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/optimise/schedule.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::string folder;
  int epochs = 0;  ///< 0: as many as the run was asked for
  std::string tensorboard;
};

/// "the rate goes on at 0.1, where the schedule cosine of a run of 40 epochs is after 20 (the last
/// epoch began at 0.001)".
std::string schedule_text(const train::Options& options,
                          const std::vector<train::EpochRecord>& history) {
  const auto done = static_cast<double>(history.size());
  const double rate = train::rate_at(options, done, train::plateau_falls(options, history));
  std::string text = "the rate goes on at " + report::significant_text(rate, 3);
  if (train::depends_on_epochs(options.schedule))
    text += concat(", where the schedule ", rectify::name_of(options.schedule), " of a run of ",
                   options.epochs, " epochs is after ", history.size());
  if (!history.empty())
    text += " (the last epoch began at " + report::significant_text(history.back().lr, 3) + ")";
  return text;
}

/// The options with another number of epochs. Throws Error where that trains nothing more.
train::Options with_epochs(train::Options options, int epochs, const train::RunFolder& folder) {
  const train::EpochCount done = train::saved_epochs(folder);
  if (epochs <= done.trained)
    fail("'", folder.path().string(), "' has trained ", done.trained, " epochs already; --epochs ",
         epochs, " would train nothing more, give ", done.trained + 1, " or more");
  if (options.patience > 0 && done.trained - done.best >= options.patience)
    fail("'", folder.path().string(), "' stopped early, ", options.patience,
         " epochs after its best one (--patience ", options.patience,
         "); --epochs would train nothing more, train anew with another --patience");
  options.epochs = epochs;
  train::check(options);
  return options;
}

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

int resume_pretraining(const train::RunFolder& folder, ThreadPool& threads, Terminal& terminal) {
  const pretrain::Options options = pretrain::saved_options(folder.path());
  const data::Dataset dataset = data::open(options.train.data, threads);
  pretrain::Pretrainer pretrainer(options, dataset, threads);
  pretrain::resume(folder, pretrainer);
  if (pretrainer.finished()) terminal.say("this run is finished; nothing is left to train");
  return pretrain_in(folder, pretrainer, threads, terminal);
}

int resume_training(const train::RunFolder& folder, int epochs, ThreadPool& threads,
                    Terminal& terminal) {
  train::Options options = train::saved_options(folder);
  const bool extend = epochs > 0;
  if (extend) options = with_epochs(options, epochs, folder);
  const data::Dataset dataset = data::open(options.data, threads);
  train::Trainer trainer(options, dataset, threads);
  for (const std::string& warning : train::resume(folder, trainer)) terminal.warn(warning);
  if (trainer.finished())
    terminal.say("this run is finished; nothing is left to train");
  else
    terminal.say("going on after epoch " + std::to_string(trainer.history().size()) + " of " +
                 std::to_string(options.epochs));
  if (extend) terminal.say(schedule_text(options, trainer.history()));
  return train_in(folder, trainer, terminal);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option("folder", flags->folder, "Folder of an earlier train, pretrain or compare")
      .type_name("DIR")
      .required();
  const Option epochs = args.option(
      "--epochs", flags->epochs,
      "Of a training run: epochs in all, more than were trained; extends a finished run");
  declare_event_folder(args, flags->tensorboard,
                       "Of a training run: another folder for its TensorBoard curves than before");
  declare_threads(args, *flags);
  return [flags, epochs](Terminal& terminal) {
    const bool extend = epochs.given();
    if (extend && flags->epochs < 1) fail("--epochs must be at least 1, not ", flags->epochs);
    const auto folder = train::RunFolder::open(flags->folder);
    if (extend && !std::filesystem::exists(folder.file("state.safetensors")))
      fail("--epochs extends a training run, but '", flags->folder,
           "' is a comparison, or its search for a rate is not done; resume it without --epochs");
    const bool pretraining = pretrain::holds_pretraining(folder.path());
    if (pretraining && (extend || !flags->tensorboard.empty()))
      fail("'", flags->folder, "' is a pretraining; resume it without --epochs and --tensorboard");
    move_event_folder(folder, flags->tensorboard);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    if (pretraining) return resume_pretraining(folder, threads, terminal);
    if (std::filesystem::exists(folder.file("compare.json")))
      return resume_comparison(folder, threads, terminal);
    if (!std::filesystem::exists(folder.file("state.safetensors")))
      return resume_search(folder, threads, terminal);
    return resume_training(folder, flags->epochs, threads, terminal);
  };
}

}  // namespace

std::span<const Verb> resume() {
  static const Verb all[] = {{"resume", "Goes on with an interrupted train, pretrain or compare",
                              "rectify resume mnist-activations", declare}};
  return all;
}

}  // namespace rectify::cli::ops
