#include "rectify/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "rectify/base/error.h"

namespace rectify {

namespace {

namespace fs = std::filesystem;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string reason() { return std::strerror(errno); }

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("cannot open '", path.string(), "': ", reason());
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail("cannot read '", path.string(), "': ", reason());
  if (S_ISDIR(info.st_mode)) fail("'", path.string(), "' is a directory, a file is needed");
  std::string content;
  if (info.st_size > 0) content.reserve(std::min<std::size_t>(info.st_size, limit));
  std::size_t used = 0;
  while (true) {
    content.resize(std::max(used + 65536, content.capacity()));
    const ssize_t got = ::read(file.get(), content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read '", path.string(), "': ", reason());
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > limit) fail("'", path.string(), "' is larger than ", limit, " bytes");
  }
  content.resize(used);
  return content;
}

void write_file(const fs::path& given, std::string_view content) {
  write_file(given, std::span(&content, 1));
}

void write_file(const fs::path& given, std::span<const std::string_view> parts) {
  std::error_code ignored;
  const fs::path path =
      fs::is_symlink(given, ignored) ? fs::weakly_canonical(given, ignored) : given;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status))
    throw WriteError(concat("cannot write '", path.string(), "': it is a directory"));
  const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
  const fs::path beside = in_place ? path : fs::path(path.string() + ".partial");
  const auto give_up = [&](const char* what) {
    const std::string why = reason();
    if (!in_place) ::unlink(beside.c_str());
    throw WriteError(concat("cannot ", what, " '", path.string(), "': ", why));
  };
  Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) give_up("write");
  for (std::string_view part : parts)
    while (!part.empty()) {
      const ssize_t put = ::write(file.get(), part.data(), part.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) give_up("write");
      part.remove_prefix(static_cast<std::size_t>(put));
    }
  if (in_place) return;
  if (::fsync(file.get()) != 0) give_up("flush");
  if (::close(file.release()) != 0) give_up("close");
  if (::rename(beside.c_str(), path.c_str()) != 0) give_up("replace");
  // The new name is on the disk only when its folder is flushed too. Some file systems cannot do
  // that.
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t state) {
  for (const char byte : bytes) state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  return state;
}

}  // namespace rectify
