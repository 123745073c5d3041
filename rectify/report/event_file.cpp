#include "rectify/report/event_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/report/event_record.h"

namespace rectify::report {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& path, const std::string& why) {
  throw WriteError(concat("cannot write '", path.string(), "': ", why));
}

/// Cuts off what lies behind the last whole record of an epoch up to `last_epoch`; the last epoch
/// that is left. A killed process may have left a part of a record.
int cut(const fs::path& path, int last_epoch) {
  const std::string bytes = read_file(path);
  std::string_view rest = bytes;
  int found = 0;
  while (const auto record = first_record(rest)) {
    if (record->step > last_epoch) break;
    found = static_cast<int>(record->step);
    rest.remove_prefix(record->size);
  }
  std::error_code error;
  if (!rest.empty()) fs::resize_file(path, bytes.size() - rest.size(), error);
  if (error) cannot_write(path, error.message());
  return found;
}

}  // namespace

fs::path EventFile::found_in(const fs::path& folder) {
  std::error_code ignored;
  fs::path last;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("events.out.tfevents.") && name.ends_with(".rectify"))
      last = std::max(last, entry.path());
  }
  return last;
}

EventFile::EventFile(const fs::path& folder, int last_epoch, double time)
    : path_(found_in(folder)) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) cannot_write(folder, error.message());
  if (last_epoch == 0 && !path_.empty()) {
    fs::remove(path_, error);
    if (error) cannot_write(path_, error.message());
    path_.clear();
  }
  if (path_.empty())
    path_ = folder / concat("events.out.tfevents.", static_cast<std::int64_t>(time), ".rectify");
  else
    last_epoch_ = cut(path_, last_epoch);
  if (!fs::exists(path_, error) || fs::file_size(path_, error) == 0) append(version_record(time));
}

void EventFile::add(const TrainingEpoch& epoch, double time) {
  if (epoch.epoch <= last_epoch_) return;
  append(scalar_record(time, epoch.epoch, scalars_of(epoch)));
  last_epoch_ = epoch.epoch;
}

void EventFile::append(const std::string& bytes) {
  errno = 0;
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  file << bytes;
  file.flush();
  if (!file) cannot_write(path_, errno ? std::strerror(errno) : "an unknown reason");
}

}  // namespace rectify::report
