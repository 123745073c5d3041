#pragma once

#include <filesystem>
#include <optional>

namespace rectify {

/// A lock on a file, which one object of one process has at a time. It ends with the object, and
/// with the process however that ends: one that is killed blocks nobody.
///
///     if (const auto lock = FileLock::try_take(folder / ".lock")) {
///       ...  // no other process is in here
///     }
class FileLock {
 public:
  /// Whether the file, which is empty, is removed when the lock ends.
  enum class File { stays, goes };

  /// Makes the file if it is not there, and takes the lock. Nothing where another object has it.
  /// Throws WriteError where the file cannot be made, Error where it cannot be locked.
  static std::optional<FileLock> try_take(const std::filesystem::path& file,
                                          File after = File::stays);
  /// The same, but waits until the lock is free.
  static FileLock take(const std::filesystem::path& file, File after = File::stays);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  FileLock(std::filesystem::path file, File after, int descriptor);
  static std::optional<FileLock> locked(const std::filesystem::path& file, File after, bool waits);

  std::filesystem::path file_;
  File after_;
  int descriptor_;  ///< -1 where another object has taken the lock over
};

}  // namespace rectify
