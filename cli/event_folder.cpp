#include "cli/event_folder.h"

#include <filesystem>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/lab/summary.h"
#include "rectify/lab/training_report.h"

namespace rectify::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* remembered_in = "tensorboard.txt";

fs::path remembered(const train::RunFolder& run) {
  const fs::path file = run.file(remembered_in);
  return fs::exists(file) ? fs::path(trim(read_file(file))) : fs::path();
}

}  // namespace

void declare_event_folder(Arguments args, std::string& folder, const std::string& help) {
  args.option("--tensorboard", folder, help).type_name("DIR").configurable(false);
}

void check_event_folder(const std::string& folder, bool force) {
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored))
    fail("'", folder, "' is a file; --tensorboard needs a folder");
  const fs::path taken = folder.empty() ? fs::path() : report::EventFile::found_in(folder);
  if (!taken.empty() && !force)
    fail("'", taken.string(), "' has the curves of a run already; give each run a folder of its ",
         "own, such as --tensorboard ", (fs::path(folder) / "another").string(),
         ", or --force to replace it");
}

void remember_event_folder(const train::RunFolder& run, const std::string& folder) {
  if (!folder.empty()) write_file(run.file(remembered_in), fs::absolute(folder).string() + "\n");
}

void move_event_folder(const train::RunFolder& run, const std::string& folder) {
  if (folder.empty()) return;
  if (fs::exists(run.file("compare.json")))
    fail("--tensorboard is for a training run, but '", run.path().string(), "' is a comparison");
  if (fs::absolute(folder) == remembered(run)) return;
  check_event_folder(folder, false);
  remember_event_folder(run, folder);
}

std::optional<report::EventFile> event_file_of(const train::RunFolder& run,
                                               std::span<const train::EpochRecord> history) {
  const fs::path folder = remembered(run);
  if (folder.empty()) return std::nullopt;
  const double now = lab::seconds_since_1970();
  report::EventFile events(folder, static_cast<int>(history.size()), now);
  for (const train::EpochRecord& record : history) events.add(lab::epoch_of(record), now);
  return events;
}

}  // namespace rectify::cli
