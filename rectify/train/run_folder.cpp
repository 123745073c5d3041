#include "rectify/train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "rectify/base/file.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/run/cpu/product.h"

namespace rectify::train {

namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = ".lock";
constexpr std::array written = {"model.safetensors", "best.safetensors", "state.safetensors",
                                "history.jsonl",     "results.json",     "report.html",
                                "config.toml",       "compare.json",     "runs"};

bool holds_something(const fs::path& path) {
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.path().filename() != lock_name) return true;
  return false;
}

bool resumable(const fs::path& path) {
  std::error_code error;
  return fs::exists(path / "state.safetensors", error) || fs::exists(path / "compare.json", error);
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  const fs::path lock = path_ / lock_name;
  lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) fail("cannot write to '", path_.string(), "': ", std::strerror(errno));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    fail("'", path_.string(), "' is in use by another run; wait for it or choose another --out");
  }
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

RunFolder RunFolder::create(const fs::path& path, bool force) {
  if (path.empty()) fail("--out needs the name of a folder");
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_directory(path, error))
    fail("'", path.string(), "' is a file; --out needs a folder");
  fs::create_directories(path, error);
  if (error) fail("cannot make the folder '", path.string(), "': ", error.message());
  RunFolder folder(path);
  if (!holds_something(path)) return folder;
  if (!force) {
    const std::string go_on =
        resumable(path) ? "go on with 'rectify resume " + path.string() + "', " : std::string();
    fail("'", path.string(), "' is not empty; ", go_on,
         "give --force to start again, or choose another --out");
  }
  for (const char* name : written) fs::remove_all(path / name, error);
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) fail("there is no folder '", path.string(), "'");
  if (!resumable(path))
    fail("'", path.string(), "' holds no state.safetensors or compare.json to resume from");
  return RunFolder(path);
}

void save_epoch(const RunFolder& folder, const Trainer& trainer) {
  std::string history;
  for (const EpochRecord& record : trainer.history()) history += to_json(record) + "\n";
  write_file(folder.file("history.jsonl"), history);
  save(folder.file("model.safetensors"), to_file(trainer.model()));
  if (!trainer.history().empty() && trainer.best_epoch() == trainer.history().back().epoch)
    save(folder.file("best.safetensors"), to_file(trainer.best_model()));
  save(folder.file("state.safetensors"), trainer.state());
}

Options saved_options(const RunFolder& folder) {
  const auto path = folder.file("state.safetensors");
  if (!fs::exists(path))
    fail("'", folder.path().string(), "' holds no state.safetensors to resume from");
  const TensorFile file = load(path);
  const auto options = file.metadata.find("options");
  if (options == file.metadata.end()) fail("'", path.string(), "' holds no options");
  return options_from_json(options->second);
}

std::vector<std::string> resume(const RunFolder& folder, Trainer& trainer) {
  std::vector<EpochRecord> history;
  for (const std::string& line : split(read_file(folder.file("history.jsonl")), '\n'))
    if (!line.empty()) history.push_back(epoch_from_json(line));
  const TensorFile file = load(folder.file("state.safetensors"));
  trainer.restore(file, std::move(history));
  std::vector<std::string> warnings;
  const auto compare = [&](const char* key, const std::string& now) {
    const auto saved = file.metadata.find(key);
    if (saved != file.metadata.end() && saved->second != now)
      warnings.push_back(concat("this run was saved with ", key, " ", saved->second,
                                " and goes on with ", now, ": its last bits may differ"));
  };
  compare("instruction_set", std::string(instruction_set()));
  compare("onednn", run::cpu::onednn_version());
  return warnings;
}

fs::path model_file(const fs::path& path, bool last) {
  std::error_code error;
  if (!fs::exists(path, error)) fail("there is no file or folder '", path.string(), "'");
  if (!fs::is_directory(path, error)) return path;
  const fs::path file = path / (last ? "model.safetensors" : "best.safetensors");
  if (!fs::exists(file, error))
    fail("'", path.string(), "' is not the folder of a training run: it has no ",
         file.filename().string());
  return file;
}

}  // namespace rectify::train
