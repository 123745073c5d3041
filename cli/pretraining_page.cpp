#include "cli/pretraining_page.h"

#include "cli/way_back.h"
#include "rectify/base/text.h"
#include "rectify/pretrain/folder.h"
#include "rectify/report/format.h"

namespace rectify::cli {

namespace {

std::string folder_word(const train::RunFolder& folder) {
  return shell_word(folder.path().string());
}

/// "rectify pretrain --config run/config.toml"; empty where that file is gone.
std::string configured(const train::RunFolder& folder) {
  const auto config = folder.file("config.toml");
  if (!std::filesystem::exists(config)) return {};
  return "rectify pretrain --config " + shell_word(config.string());
}

/// The command that tries again at a tenth of the rate; empty where no flag sets the rate, because
/// the stack says it.
std::string at_a_lower_rate(const train::RunFolder& folder,
                            const pretrain::Pretrainer& pretrainer) {
  const std::string command = configured(folder);
  if (command.empty()) return {};
  const auto with = [&](const char* flag, double rate) {
    return concat(command, flag, report::significant_text(rate / 10, 2), " --out ",
                  folder_word(folder), " --force");
  };
  const std::size_t layer = pretrainer.begun() - 1;
  const pretrain::LayerSpec& spec = pretrainer.layers()[layer];
  if (pretrainer.unrolled()) return with(" --unroll-lr ", pretrainer.options().unroll_lr);
  if (spec.attributes.number("lr") > 0) return {};
  return with(" --lr ", pretrain::options_of_layer(pretrainer.options(), spec, layer,
                                                   pretrainer.trainer(layer).learner().rate)
                            .lr);
}

std::string next_command(const train::RunFolder& folder, const pretrain::Pretrainer& pretrainer,
                         report::TrainingEnd end) {
  if (end == report::TrainingEnd::stopped) return "rectify resume " + folder_word(folder);
  if (end == report::TrainingEnd::failed) return at_a_lower_rate(folder, pretrainer);
  return concat("rectify train --init ", folder_word(folder), " --data ",
                shell_word(pretrainer.options().train.data), " --out ",
                shell_word(folder.path().string() + "-fine"));
}

void write_page(const train::RunFolder& folder, const pretrain::Pretrainer& pretrainer,
                lab::PretrainingOutcome outcome, Terminal& terminal) {
  // After a failure the weights may be no numbers.
  if (outcome.end != report::TrainingEnd::failed) pretrain::save_filters(folder, pretrainer);
  const std::string again = configured(folder);
  if (!again.empty()) outcome.command = again + " --out again";
  outcome.next = next_command(folder, pretrainer, outcome.end);
  outcome.pictures = lab::pictures_in(folder.path());
  const auto file = folder.file("report.html");
  write_file(file, report::to_html(lab::describe_pretraining(pretrainer, std::move(outcome))));
  terminal.say("report: " + file.string());
}

/// The page of what did not come to its end. What ended it is told next, so nothing is said where
/// the page cannot be made.
void try_to_write(const train::RunFolder& folder, const pretrain::Pretrainer& pretrainer,
                  report::TrainingEnd end, const std::string& trouble, Terminal& terminal) {
  try {
    write_page(folder, pretrainer, {.end = end, .trouble = trouble}, terminal);
  } catch (const std::exception&) {
  }
}

}  // namespace

std::string with_page(const train::RunFolder& folder, const pretrain::Pretrainer& pretrainer,
                      Terminal& terminal,
                      const std::function<std::string(lab::PretrainingOutcome&)>& work) {
  try {
    return with_way_back(folder, [&] {
      lab::PretrainingOutcome outcome;
      std::string result = work(outcome);
      write_page(folder, pretrainer, std::move(outcome), terminal);
      return result;
    });
  } catch (const lab::Stopped& stopped) {
    try_to_write(folder, pretrainer, report::TrainingEnd::stopped, stopped.what(), terminal);
    throw;
  } catch (const train::NonFinite& error) {
    try_to_write(folder, pretrainer, report::TrainingEnd::failed, error.what(), terminal);
    const std::string next = at_a_lower_rate(folder, pretrainer);
    throw train::NonFinite(concat(
        error.what(),
        next.empty() ? "; start again at a lower rate: by --lr, or where --stack says lr, there"
                     : "; to try a lower rate in its place: " + next));
  }
}

}  // namespace rectify::cli
