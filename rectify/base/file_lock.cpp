#include "rectify/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "rectify/base/file.h"

namespace rectify {

namespace {

/// Whether the path still names the open file, which may have been removed before it was locked.
bool is_named(int descriptor, const std::filesystem::path& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace

std::optional<FileLock> FileLock::locked(const std::filesystem::path& file, File after,
                                         bool waits) {
  while (true) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
      throw WriteError(
          concat("cannot write to '", file.parent_path().string(), "': ", std::strerror(errno)));
    FileLock lock(file, File::stays, descriptor);
    if (::flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
      const int why = errno;
      if (why == EINTR) continue;
      if (why == EWOULDBLOCK) return std::nullopt;
      fail("cannot lock '", file.string(), "': ", std::strerror(why));
    }
    if (!is_named(descriptor, file)) continue;
    lock.after_ = after;
    return lock;
  }
}

std::optional<FileLock> FileLock::try_take(const std::filesystem::path& file, File after) {
  return locked(file, after, false);
}

FileLock FileLock::take(const std::filesystem::path& file, File after) {
  return *locked(file, after, true);
}

FileLock::FileLock(std::filesystem::path file, File after, int descriptor)
    : file_(std::move(file)), after_(after), descriptor_(descriptor) {}

FileLock::FileLock(FileLock&& other) noexcept
    : file_(std::move(other.file_)),
      after_(other.after_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(after_, other.after_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  if (after_ == File::goes) ::unlink(file_.c_str());  // while no other process can have it
  ::close(descriptor_);
}

}  // namespace rectify
