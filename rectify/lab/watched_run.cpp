#include "rectify/lab/watched_run.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/graph/text.h"
#include "rectify/lab/summary.h"
#include "rectify/lab/training_report.h"
#include "rectify/model/metadata.h"
#include "rectify/train/checkpoint/events.h"
#include "rectify/train/options.h"
#include "rectify/train/records.h"

namespace rectify::lab {

namespace {

namespace fs = std::filesystem;
using report::TrainingEnd, report::Watched, report::WatchStage;

/// Whether a process of this machine has locked the run's folder. Asking for the lock would tell it
/// too, but for that moment a run that begins would be refused.
bool is_at_work(const fs::path& folder) {
  struct stat lock {};
  if (::stat((folder / ".lock").c_str(), &lock) != 0) return false;
  // 1: FLOCK  ADVISORY  WRITE 7138 fe:00:5899475 0 EOF
  const std::string end = concat(":", lock.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, process, file;
    words >> number >> kind >> advisory >> mode >> process >> file;
    if (kind == "FLOCK" && file.ends_with(end)) return true;
  }
  return false;
}

/// "search-0.1.json", "search-0.1-fold-2-of-5.json".
int trials_in(const fs::path& runs) {
  std::error_code ignored;
  int count = 0;
  for (const auto& entry : fs::directory_iterator(runs, ignored)) {
    const std::string name = entry.path().filename().string();
    count += name.starts_with("search-") && name.ends_with(".json");
  }
  return count;
}

constexpr const char* files_read[] = {"search.json",   "state.safetensors", "model.safetensors",
                                      "history.jsonl", "events.jsonl",      "results.json",
                                      "report.html"};

/// Size and time of a file, and which one it is, since each write makes a new one.
std::string mark_of(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "-";
  return concat(info.st_ino, " ", info.st_size, " ", info.st_mtim.tv_sec, ".",
                info.st_mtim.tv_nsec);
}

std::string stamp_of(const fs::path& folder, bool at_work, int trials) {
  std::string marks = concat(at_work, " ", trials);
  for (const char* name : files_read) marks += " " + mark_of(folder / name);
  return std::to_string(fnv1a(marks));
}

/// Seconds since the last epoch was recorded; since the folder was locked before the first.
double age_of(const fs::path& folder) {
  for (const char* name : {"history.jsonl", ".lock"}) {
    struct stat info {};
    if (::stat((folder / name).c_str(), &info) != 0) continue;
    const double then = static_cast<double>(info.st_mtim.tv_sec);
    return std::max(0.0, seconds_since_1970() - then);
  }
  return 0;
}

std::string text_in(const fs::path& file) { return fs::exists(file) ? read_file(file) : ""; }

/// What the state or, before there is one, the search says that was asked for; nothing before both.
bool read_options(const fs::path& folder, train::Options& options) {
  const fs::path state = folder / "state.safetensors", search = folder / "search.json";
  if (fs::exists(state))
    options = train::options_from_json(model::load_metadata(state).at("options"));
  else if (fs::exists(search))
    options = train::options_from_json(read_file(search));
  else
    return false;
  return true;
}

std::vector<std::string> class_names_in(const fs::path& folder) {
  std::vector<std::string> names;
  const fs::path file = folder / "model.safetensors";
  if (!fs::exists(file)) return names;
  const auto metadata = model::load_metadata(file);
  const auto classes = metadata.find("classes");
  if (classes == metadata.end()) return names;
  const Json list = Json::parse(classes->second);
  for (std::size_t i = 0; i < list.size(); ++i) names.push_back(list[i].get<std::string>());
  return names;
}

/// The best epoch as the trainer chooses it: lowest error, of equal ones lowest loss, the first.
int best_of(const std::vector<train::EpochRecord>& history) {
  const auto figures = [](const train::EpochRecord& epoch) {
    return std::pair(epoch.judged_error(), epoch.judged_loss());
  };
  const auto best = std::ranges::min_element(history, {}, figures);
  return best == history.end() ? 0 : best->epoch;
}

void read_history(const fs::path& folder, report::Training& run) {
  std::vector<train::EpochRecord> history;
  for (const std::string& line : split(text_in(folder / "history.jsonl"), '\n'))
    if (!line.empty()) history.push_back(train::epoch_from_json(line));
  if (!run.model.empty()) {
    const graph::Graph network = graph::parse_model(run.model);
    train::label_records(history, network);
    run.events = events_of_run(train::events_in(folder), history, network);
  }
  for (const train::EpochRecord& record : history) run.history.push_back(epoch_of(record));
  run.best_epoch = best_of(history);
}

/// Whether the run ended because numbers were not finite any more.
bool read_failure(const fs::path& folder, report::Training& run) {
  for (const train::Event& event : train::events_in(folder))
    if (event.kind == "not_finite") {
      run.end = TrainingEnd::failed;
      run.trouble = event.text;
    }
  return run.end == TrainingEnd::failed;
}

/// The test split's figures, where the run has come to its end with all of its epochs.
bool read_results(const fs::path& folder, report::Training& run) {
  const std::string text = text_in(folder / "results.json");
  if (text.empty()) return false;
  const Json results = Json::parse(text);
  if (!results.contains("test_error") || results.at("history").size() != run.history.size())
    return false;
  const auto number = [&](const char* key) {
    const Json& value = results.at(key);
    return value.is_null() ? report::no_value : value.get<double>();
  };
  run.test_error = number("test_error");
  run.test_loss = number("test_loss");
  run.test_samples = results.at("test_samples").get<std::int64_t>();
  return true;
}

void describe_end(const fs::path& folder, report::Training& run) {
  if (read_failure(folder, run) || read_results(folder, run)) return;
  run.end = TrainingEnd::stopped;
  run.trouble =
      "no process of this machine is at work on it; go on with: rectify resume " + folder.string();
}

WatchStage stage_of(const fs::path& folder, bool at_work, bool has_begun) {
  if (!at_work) return has_begun ? WatchStage::ended : WatchStage::waiting;
  const bool searching = has_begun && !fs::exists(folder / "state.safetensors");
  return searching ? WatchStage::searching : WatchStage::training;
}

/// All but the stamp and what goes into it.
Watched read(const fs::path& folder, bool at_work) {
  Watched watched;
  watched.folder = folder.string();
  report::Training& run = watched.run;
  run.version = version;
  train::Options options;
  const bool has_begun = read_options(folder, options);
  if (has_begun) {
    run.data = options.data;
    run.model = options.model;
    run.epochs = options.epochs;
    run.validated = options.validation > 0;
  }
  run.class_names = class_names_in(folder);
  read_history(folder, run);
  watched.stage = stage_of(folder, at_work, has_begun);
  if (watched.stage == WatchStage::ended) describe_end(folder, run);
  watched.has_report = fs::exists(folder / "report.html");
  return watched;
}

}  // namespace

WatchedRun::WatchedRun(fs::path folder) : folder_(std::move(folder)) {
  std::error_code ignored;
  if (!fs::is_directory(folder_, ignored))
    fail("there is no folder '", folder_.string(),
         "' to watch; give the --out of a rectify train, which makes it when it begins");
  if (fs::exists(folder_ / "compare.json", ignored))
    fail("'", folder_.string(),
         "' is a comparison, whose figures come when it ends; only a run of rectify train can be "
         "watched");
}

const Watched& WatchedRun::look() {
  const bool at_work = is_at_work(folder_);
  const int trials = trials_in(folder_ / "runs");
  std::string stamp = stamp_of(folder_, at_work, trials);
  if (stamp != known_.stamp) {
    Watched now = read(folder_, at_work);
    now.trials = trials;
    now.stamp = std::move(stamp);
    known_ = std::move(now);
  }
  known_.age = age_of(folder_);
  return known_;
}

}  // namespace rectify::lab
