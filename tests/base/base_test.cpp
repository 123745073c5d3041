#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/random.h"
#include "rectify/base/shape.h"
#include "rectify/base/text.h"
#include "rectify/base/thread_pool.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify {
namespace {

TEST(Random, MatchesThePublishedPhiloxVectors) {
  // Known-answer vectors of Philox4x32-10: counter and key all zeros, then all ones.
  EXPECT_EQ(Random(0).words(0),
            (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Random(~0ull, ~0u, ~0u).words(~0ull),
            (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  const Random random(7);
  double sum = 0, square = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double z = random.normal(i);
    sum += z;
    square += z * z;
  }
  EXPECT_NEAR(sum / n, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(square / n, 1, 4 * std::sqrt(2.0 / n));
}

TEST(ThreadPool, RunsEveryTileOnceForAnyThreadCount) {
  for (int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int round = 0; round < 200; ++round) {
      std::vector<std::atomic<int>> hits(round % 23);
      pool.run(hits.size(), [&](std::size_t tile) { ++hits[tile]; });
      for (const auto& hit : hits) ASSERT_EQ(hit, 1);
    }
  }
}

TEST(ThreadPool, GivesEachThreadItsShareFirst) {
  ThreadPool pool(2);
  std::array<std::atomic<std::size_t>, 2> first = {99, 99};
  pool.run(8, [&](std::size_t tile, std::size_t thread) {
    std::size_t none = 99;
    first[thread].compare_exchange_strong(none, tile);
    while (first[1 - thread] == 99) std::this_thread::yield();  // until the other begins
  });
  EXPECT_EQ(first[0], 0u);
  EXPECT_EQ(first[1], 4u);
}

TEST(ThreadPool, PassesOnWhatATileThrowsAndGoesOn) {
  ThreadPool pool(2);
  EXPECT_THROW(pool.run(8,
                        [](std::size_t tile) {
                          if (tile == 5) fail("tile five");
                        }),
               Error);
  std::atomic<int> done = 0;
  pool.run(8, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 8);
}

TEST(ThreadPool, CallsTheOtherTilesAfterAThrowWithOneThreadToo) {
  for (const int threads : {1, 2}) {
    ThreadPool pool(threads);
    for (const std::size_t tiles : {1u, 8u}) {
      std::atomic<std::size_t> others = 0;
      std::string said;
      try {
        pool.run(tiles, [&](std::size_t tile) {
          if (tile == 0) fail("tile zero");
          ++others;
        });
      } catch (const Error& error) {
        said = error.what();
      }
      EXPECT_EQ(said, "tile zero") << threads;
      EXPECT_EQ(others, tiles - 1) << threads;
    }
  }
}

TEST(ThreadPool, RefusesACallWhileAnotherOneRuns) {
  ThreadPool pool(2);
  const std::string refusal = "a ThreadPool is in use already";
  std::atomic<int> inner = 0;
  const auto nested = [&](std::size_t tiles) {
    return error_of(
        [&] { pool.run(8, [&](std::size_t) { pool.run(tiles, [&](std::size_t) { ++inner; }); }); });
  };
  EXPECT_TRUE(contains(nested(8), refusal));
  EXPECT_EQ(inner, 0);
  EXPECT_EQ(nested(1), "") << "one tile needs no other thread";
  EXPECT_EQ(inner, 8);

  std::string said;
  std::atomic<int> outer = 0;
  pool.run(8, [&](std::size_t tile) {
    ++outer;
    if (tile > 0) return;
    std::thread other([&] { said = error_of([&] { pool.run(8, [](std::size_t) {}); }); });
    other.join();
  });
  EXPECT_TRUE(contains(said, refusal)) << said;
  EXPECT_EQ(outer, 8);
  pool.run(8, [&](std::size_t) { ++outer; });
  EXPECT_EQ(outer, 16) << "it works afterwards";
}

TEST(ThreadPool, OfOneThreadMayBeUsedInItsOwnTiles) {
  ThreadPool pool(1);
  int inner = 0;
  pool.run(8, [&](std::size_t) { pool.run(8, [&](std::size_t) { ++inner; }); });
  EXPECT_EQ(inner, 64);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

/// In a process with too little memory for the threads of a large pool: whether the pool throws an
/// Error that says so, leaves the signals as they were, and a smaller pool works afterwards.
bool says_that_threads_are_too_many() {
  const rlimit one_gigabyte{rlim_t{1} << 30, rlim_t{1} << 30};
  if (::setrlimit(RLIMIT_AS, &one_gigabyte) != 0) return false;
  std::string said;
  try {
    const ThreadPool pool(1024);
  } catch (const Error& error) {
    said = error.what();
  }
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  std::atomic<int> done = 0;
  ThreadPool(2).run(8, [&](std::size_t) { ++done; });
  return said.starts_with("could start only ") &&
         said.find(" of 1024 threads: ") != std::string::npos &&
         said.ends_with("; give a smaller --threads") && sigismember(&blocked, SIGINT) == 0 &&
         done == 8;
}

TEST(ThreadPool, SaysThatItsThreadsCannotAllBeStarted) {
  if (is_sanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  const pid_t other = ::fork();
  if (other == 0) ::_exit(says_that_threads_are_too_many() ? 0 : 1);
  int status = 0;
  for (int tries = 0; ::waitpid(other, &status, WNOHANG) == 0; ++tries) {
    if (tries == 3000) ::kill(other, SIGKILL);  // it hangs
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(WIFEXITED(status)) << "the pool hangs";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Text, NumbersReadBackInTheCLocale) {
  EXPECT_EQ(parse_number("1.5"), 1.5);
  EXPECT_EQ(parse_number("-2e-3"), -2e-3);
  for (const char* wrong : {"", "1,5", "nan", "inf", "1x", " 1", "1e999"})
    EXPECT_FALSE(parse_number(wrong)) << wrong;
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(fixed_text(1.005, 1), "1.0");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-123), "-123");
  EXPECT_EQ(duration_text(125), "2 min 05 s");
}

TEST(Text, SuggestsTheNearestName) {
  const std::vector<std::string> names = {"relu", "tanh", "sigmoid"};
  EXPECT_EQ(nearest("rlu", names), "relu");
  EXPECT_EQ(nearest("sigmiod", names), "sigmoid");
  EXPECT_EQ(nearest("banana", names), "");
  const std::vector<std::string> family = {"relu6", "relu", "leaky_relu", "hard_tanh"};
  for (const char* name : {"ReLU", "RELU", "Relu", "re-lu"})
    EXPECT_EQ(nearest(name, family), "relu");
  for (const char* name : {"LeakyReLU", "Leaky-ReLU", "leaky-relu", "leakyrelu", "LEAKY_RELU"})
    EXPECT_EQ(nearest(name, family), "leaky_relu") << name;
  EXPECT_EQ(nearest("Hardtanh", family), "hard_tanh");
  EXPECT_EQ(nearest("ReLU6", family), "relu6");
  EXPECT_EQ(nearest("Conv2d", family), "");
}

TEST(Random, ManyNormalPairsAreThoseThatCameOneByOne) {
  const Random random(5, 6, 7);
  for (const std::size_t count : {0u, 1u, 63u, 64u, 65u, 200u}) {
    std::vector<std::array<double, 2>> pairs(count);
    random.normal_pairs(40, pairs);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(pairs[i], random.normal_pair(40 + i)) << i;
  }
}

TEST(Shape, ParsesWhatItPrintsAndRefusesTheRest) {
  EXPECT_EQ(parse_shape("28x28x1"), (Shape{28, 28, 1}));
  EXPECT_EQ(parse_shape("28x28x1").text(), "28x28x1");
  for (const char* wrong : {"", "0", "-1", "28x", "axb", "1099511627776x2"})
    EXPECT_THROW(parse_shape(wrong), Error) << wrong;
}

TEST(File, WritesWholeOrNotAtAll) {
  const TemporaryFolder folder;
  write_file(folder / "a", "hello");
  EXPECT_EQ(read_file(folder / "a"), "hello");
  EXPECT_THROW(read_file(folder.path()), Error);
  EXPECT_THROW(read_file(folder / "missing"), Error);
  EXPECT_THROW(read_file(folder / "a", 3), Error);
  EXPECT_THROW(write_file(folder / "no/such/folder", "x"), Error);
}

}  // namespace
}  // namespace rectify
