#include "rectify/train/checkpoint/run_folder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rectify/base/file.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "rectify/model/metadata.h"
#include "rectify/model/safetensors.h"
#include "rectify/run/backend.h"
#include "rectify/train/checkpoint/events.h"

namespace rectify::train {

namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = ".lock";
constexpr const char* config_name = "config.toml";
/// Files from which a run is resumed; one of them is enough.
constexpr std::array resumed = {"state.safetensors", "compare.json", "search.json"};
constexpr std::array written = {
    "model.safetensors",      "best.safetensors",  "history.jsonl", "events.jsonl",
    "results.json",           "report.html",       "runs",          config_name,
    "tensorboard.txt",        "stack.safetensors", "filters.png",   "reconstructions.png",
    "autoencoder.safetensors"};

/// Whether a run that was killed before its first checkpoint can have left this file.
bool is_left_by_a_start(const fs::path& file, const std::string& config) {
  const std::string name = file.filename().string();
  if (name == lock_name) return true;
  const auto is_partial = [&](const char* of) { return name == std::string(of) + ".partial"; };
  if (name == config_name) return !config.empty() && read_file(file) == config;
  return is_partial(config_name) || std::ranges::any_of(resumed, is_partial);
}

bool holds_something(const fs::path& path, const std::string& config) {
  for (const auto& entry : fs::directory_iterator(path))
    if (!is_left_by_a_start(entry.path(), config)) return true;
  return false;
}

bool can_be_resumed(const fs::path& path) {
  std::error_code error;
  return std::ranges::any_of(resumed,
                             [&](const char* name) { return fs::exists(path / name, error); });
}

/// Its file stays: whoever watches a run asks /proc/locks about it.
FileLock lock_of(const fs::path& folder) {
  if (auto lock = FileLock::try_take(folder / lock_name)) return std::move(*lock);
  fail("'", folder.string(), "' is in use by another run; wait for it or choose another --out");
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)), lock_(lock_of(path_)) {}

RunFolder RunFolder::create(const fs::path& path, bool force, const std::string& config) {
  if (path.empty()) fail("--out needs the name of a folder");
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_directory(path, error))
    fail("'", path.string(), "' is a file; --out needs a folder");
  fs::create_directories(path, error);
  if (error) fail("cannot make the folder '", path.string(), "': ", error.message());
  RunFolder folder(path);
  const bool empty = !holds_something(path, config);
  if (!empty && !force) {
    const std::string go_on = can_be_resumed(path)
                                  ? "go on with 'rectify resume " + path.string() + "', "
                                  : std::string();
    fail("'", path.string(), "' is not empty; ", go_on,
         "give --force to start again, or choose another --out");
  }
  // The files to resume from are removed first: an interrupted removal leaves nothing to resume.
  for (const char* name : resumed) fs::remove(path / name, error);
  for (const char* name : written) fs::remove_all(path / name, error);
  if (!config.empty()) write_file(folder.file(config_name), config);
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) fail("there is no folder '", path.string(), "'");
  if (!can_be_resumed(path))
    fail("'", path.string(),
         "' holds no state.safetensors, search.json or compare.json to resume from; if a run was "
         "stopped before it saved any, start it again with the same command");
  return RunFolder(path);
}

bool RunFolder::resumable() const { return can_be_resumed(path_); }

void save_epoch(const RunFolder& folder, const Trainer& trainer) {
  const bool first = trainer.history().empty();
  if (first) model::save(folder.file("state.safetensors"), trainer.state());
  std::string history;
  for (const EpochRecord& record : trainer.history()) history += to_json(record) + "\n";
  write_file(folder.file("history.jsonl"), history);
  model::save(folder.file("model.safetensors"), model::to_file(trainer.last_model()));
  if (!first && trainer.best_epoch() == trainer.history().back().epoch)
    model::save(folder.file("best.safetensors"), model::to_file(trainer.best_model()));
  if (!first) model::save(folder.file("state.safetensors"), trainer.state());
}

namespace {

/// A text of the saved state's metadata.
std::string saved_text(const fs::path& folder, const char* key) {
  const fs::path path = folder / "state.safetensors";
  if (!fs::exists(path)) fail("'", folder.string(), "' holds no state.safetensors to resume from");
  const auto metadata = model::load_metadata(path);
  const auto text = metadata.find(key);
  if (text == metadata.end()) fail("'", path.string(), "' holds no ", key);
  return text->second;
}

}  // namespace

std::vector<EpochRecord> saved_history(const fs::path& folder) {
  std::vector<EpochRecord> history;
  const fs::path lines = folder / "history.jsonl";
  for (const std::string& line : split(fs::exists(lines) ? read_file(lines) : "", '\n'))
    if (!line.empty()) history.push_back(epoch_from_json(line));
  return history;
}

Options saved_options(const fs::path& folder) {
  return options_from_json(saved_text(folder, "options"));
}

EpochCount saved_epochs(const RunFolder& folder) {
  const auto count = [&](const char* key) {
    return static_cast<int>(parse_integer(saved_text(folder.path(), key)).value_or(0));
  };
  return {.trained = count("epoch"), .best = count("best_epoch")};
}

std::vector<std::string> resume(const RunFolder& folder, Trainer& trainer) {
  const model::TensorFile file = model::load(folder.file("state.safetensors"));
  trainer.restore(file, saved_history(folder.path()));
  cut_events(folder, static_cast<int>(trainer.history().size()));
  std::vector<std::string> warnings;
  const auto compare = [&](const char* key, const std::string& now) {
    const auto saved = file.metadata.find(key);
    if (saved != file.metadata.end() && saved->second != now)
      warnings.push_back(concat("this run was saved with ", key, " ", saved->second,
                                " and goes on with ", now, ": its last bits may differ"));
  };
  compare("instruction_set", std::string(instruction_set()));
  compare("onednn", run::onednn_version());
  return warnings;
}

fs::path model_file(const fs::path& path, bool last) {
  std::error_code error;
  if (!fs::exists(path, error)) fail("there is no file or folder '", path.string(), "'");
  if (!fs::is_directory(path, error)) return path;
  const fs::path file = path / (last ? "model.safetensors" : "best.safetensors");
  if (!fs::exists(file, error))
    fail("'", path.string(), "' is not the folder of a training run: it has no ",
         file.filename().string(),
         fs::exists(path / "compare.json", error) ? "; a comparison keeps weights with --keep best"
                                                  : "");
  return file;
}

}  // namespace rectify::train
