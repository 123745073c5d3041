#include "cli/fetch/fetch.h"

#include <chrono>
#include <fstream>
#include <system_error>
#include <vector>

#include "cli/fetch/md5.h"
#include "cli/fetch/tar.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/lab/stopped.h"

namespace rectify::cli {

namespace {

namespace fs = std::filesystem;

std::string megabytes(std::int64_t bytes) {
  return fixed_text(static_cast<double>(bytes) / 1e6, bytes < 1000000 ? 2 : 1);
}

/// Tells how far a set is, and how long the rest will take at the pace so far.
class Meter {
 public:
  Meter(const PublishedSet& set, const ProgressCallback& callback) : callback_(callback) {
    for (const PublishedFile& file : set.files) total_ += file.size;
  }

  void begin(std::int64_t there) { first_ = last_ = there; }
  void show(const PublishedFile& file, std::int64_t there) {
    fresh_ += there - std::min(there, last_);
    last_ = there;
    tell(concat(file.name, ": ", megabytes(there), " of ", megabytes(file.size), " MB"),
         finished_ + there, false);
  }
  void finish(const PublishedFile& file, const std::string& how) {
    finished_ += file.size;
    tell(file.name + ": " + how, finished_, true);
  }

 private:
  void tell(const std::string& text, std::int64_t done, bool milestone) const {
    if (!callback_) return;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    constexpr std::int64_t too_few = 100000;
    const double left = fresh_ < too_few
                            ? -1
                            : passed.count() / static_cast<double>(fresh_) *
                                  static_cast<double>(std::max<std::int64_t>(0, total_ - done));
    callback_({.text = text,
               .done = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_)),
               .seconds_left = left,
               .milestone = milestone});
  }

  const ProgressCallback& callback_;
  std::int64_t total_ = 0, finished_ = 0, fresh_ = 0, first_ = 0, last_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What a person can do who has no network here.
std::string by_hand(const PublishedSet& set, const fs::path& folder) {
  std::string urls;
  for (const PublishedFile& file : set.files) urls += " " + set.base + file.name;
  return concat(
      "; try again later (it goes on where it stopped), give --mirror URL, or bring the "
      "files into '",
      folder.string(), "' by hand and give the same command to check them:", urls);
}

/// Brings one file, from what is there of it to its right sum.
class Bringing {
 public:
  Bringing(const PublishedFile& file, const fs::path& folder, std::string url)
      : file_(file),
        place_(folder / file.name),
        partial_(place_.string() + ".partial"),
        url_(std::move(url)) {}

  /// Whether the file is there already. Throws Error when it is another.
  bool is_there() const {
    std::error_code ignored;
    if (!fs::exists(place_, ignored)) return false;
    const std::string sum = md5_of(place_);
    if (sum == file_.md5) return true;
    fail("'", place_.string(), "' is there, but its MD5 sum is ", sum, ", not ", file_.md5,
         " as published; remove it, or choose another --out");
  }

  void bring(DownloadOptions options, Meter& meter, const StopCallback& stop) const {
    options.most = file_.size;
    const auto told = [&](std::int64_t there) { meter.show(file_, there); };
    // What an earlier try left may be of another file: then once more, from the beginning.
    for (bool again = size_of_partial() > 0;; again = false) {
      meter.begin(size_of_partial());
      try {
        download(url_, partial_, options, told, stop);
      } catch (const DownloadError& error) {
        throw DownloadError(concat("cannot download ", url_, ": ", error.what()));
      }
      const std::string sum = md5_of(partial_);
      if (sum == file_.md5) break;
      fs::remove(partial_);
      if (!again)
        throw DownloadError(concat("what came from ", url_, " is wrong: its MD5 sum is ", sum,
                                   ", not ", file_.md5, " as published"));
    }
    fs::rename(partial_, place_);
  }

 private:
  std::int64_t size_of_partial() const {
    std::error_code none;
    const auto size = fs::file_size(partial_, none);
    return none ? 0 : static_cast<std::int64_t>(size);
  }

  const PublishedFile& file_;
  fs::path place_, partial_;
  std::string url_;
};

}  // namespace

std::string md5_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file)) fail("cannot read '", file.string(), "'");
  Md5 sum;
  std::vector<char> piece(1 << 20);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0)
    sum.add({piece.data(), static_cast<std::size_t>(in.gcount())});
  return sum.hex();
}

void fetch(const PublishedSet& set, const fs::path& folder, const std::string& mirror,
           DownloadOptions options, const ProgressCallback& progress, const StopCallback& stop) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder '", folder.string(), "': ", error.message());
  std::string base = mirror.empty() ? set.base : mirror;
  if (!base.ends_with('/')) base += '/';
  Meter meter(set, progress);
  try {
    for (const PublishedFile& file : set.files) {
      const Bringing bringing(file, folder, base + file.name);
      const bool there = bringing.is_there();
      if (!there) bringing.bring(options, meter, stop);
      meter.finish(file, there ? "is there, and right" : "MD5 sum is right");
      if (!set.members.empty()) unpack_members(folder / file.name, set.members, folder);
    }
  } catch (const DownloadError& failed) {
    throw DownloadError(failed.what() + by_hand(set, folder));
  } catch (const WriteError& failed) {
    throw WriteError(concat(failed.what(),
                            "; make room, then give the same command: it goes on "
                            "where it stopped"));
  } catch (const lab::Stopped&) {
    throw lab::Stopped("give the same command to go on");
  }
}

}  // namespace rectify::cli
