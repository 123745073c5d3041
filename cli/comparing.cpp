#include "cli/comparing.h"

#include "rectify/base/file.h"
#include "rectify/lab/stopped.h"

namespace rectify::cli {

int compare_in(const train::RunFolder& folder, const lab::CompareOptions& options,
               const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal) {
  for (const std::string& note : dataset.notes) terminal.say(note);
  report::Comparison comparison;
  try {
    comparison = lab::compare(options, dataset, folder.path(), threads, terminal.progress(),
                              stop_when_interrupted());
  } catch (const lab::Stopped&) {
    throw lab::Stopped("go on with: rectify resume " + folder.path().string());
  }
  const std::string json = report::to_json(comparison);
  write_file(folder.file("results.json"), json);
  write_file(folder.file("report.html"), report::to_html(comparison));
  terminal.print(terminal.json ? json : report::to_text(comparison, terminal.width()));
  terminal.say("report: " + folder.file("report.html").string());
  for (const report::ActivationResult& result : comparison.activations)
    if (!result.test_error.values.empty()) return exit_done;
  return exit_non_finite;
}

}  // namespace rectify::cli
