#include "cli/comparing.h"

#include "cli/way_back.h"
#include "rectify/base/file.h"

namespace rectify::cli {

int compare_in(const train::RunFolder& folder, const lab::CompareOptions& options,
               const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal) {
  for (const std::string& note : dataset.notes) terminal.say(note);
  const report::Comparison comparison = with_way_back(folder, [&] {
    report::Comparison all = lab::compare(options, dataset, folder.path(), threads,
                                          terminal.progress(), stop_when_interrupted());
    write_file(folder.file("results.json"), report::to_json(all));
    write_file(folder.file("report.html"), report::to_html(all));
    return all;
  });
  terminal.print(terminal.json ? report::to_json(comparison)
                               : report::to_text(comparison, terminal.width()));
  terminal.say("report: " + folder.file("report.html").string());
  const auto weights = folder.file("best.safetensors");
  if (options.keep != lab::Keep::none && std::filesystem::exists(weights))
    terminal.say("weights: " + weights.string() +
                 (options.keep == lab::Keep::all
                      ? ", and of every run in " + folder.file("runs").string()
                      : std::string()));
  for (const report::ActivationResult& result : comparison.activations)
    if (!result.test_error.values.empty()) return exit_done;
  return exit_non_finite;
}

}  // namespace rectify::cli
