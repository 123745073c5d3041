#include "rectify/base/file_lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify {
namespace {

TEST(FileLock, IsHeldByOneAtATime) {
  const TemporaryFolder folder;
  auto first = FileLock::try_take(folder / "lock");
  ASSERT_TRUE(first);
  EXPECT_FALSE(FileLock::try_take(folder / "lock"));
  EXPECT_TRUE(FileLock::try_take(folder / "other"));
  FileLock moved = std::move(*first);
  first.reset();
  EXPECT_FALSE(FileLock::try_take(folder / "lock")) << "whoever took it over has it";
  moved = FileLock::take(folder / "third");
  EXPECT_TRUE(FileLock::try_take(folder / "lock"));
}

TEST(FileLock, RemovesItsFileWhereThatIsAsked) {
  const TemporaryFolder folder;
  {
    const FileLock stays = FileLock::take(folder / "stays");
    const FileLock goes = FileLock::take(folder / "goes", FileLock::File::goes);
    EXPECT_FALSE(FileLock::try_take(folder / "goes", FileLock::File::goes));
    EXPECT_TRUE(std::filesystem::exists(folder / "goes"));
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "stays"));
  EXPECT_FALSE(std::filesystem::exists(folder / "goes"));
}

TEST(FileLock, EndsWithAProcessThatIsKilled) {
  const TemporaryFolder folder;
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const auto lock = FileLock::try_take(folder / "lock", FileLock::File::goes);
    const char has = lock ? 'y' : 'n';
    if (::write(ends[1], &has, 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  char has = 0;
  ASSERT_EQ(::read(ends[0], &has, 1), 1);
  EXPECT_EQ(has, 'y');
  EXPECT_FALSE(FileLock::try_take(folder / "lock", FileLock::File::goes));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  EXPECT_TRUE(std::filesystem::exists(folder / "lock"));
  EXPECT_TRUE(FileLock::try_take(folder / "lock", FileLock::File::goes));
  EXPECT_FALSE(std::filesystem::exists(folder / "lock"));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(FileLock, NamesTheFolderThatItCannotWriteTo) {
  const TemporaryFolder folder;
  const std::string none = (folder / "none").string();
  EXPECT_TRUE(contains(error_of([&] { FileLock::take(folder / "none" / "lock"); }),
                       "cannot write to '" + none + "': "));
}

}  // namespace
}  // namespace rectify
