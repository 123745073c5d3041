// bench_reading SPEC [TIMES]: the seconds that reading data takes, each time, in one process. The
// first time of a process also pays for memory that the system has to clear.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "rectify/data/dataset.h"

int main(int count, char** words) {
  if (count < 2) {
    std::fprintf(stderr, "bench_reading SPEC [TIMES]\n");
    return 2;
  }
  try {
    rectify::ThreadPool threads(0);
    const int times = count > 2 ? std::atoi(words[2]) : 1;
    for (int i = 0; i < times; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const rectify::data::Dataset dataset = rectify::data::open(words[1], threads);
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      std::printf("%.3f s for %zu + %zu samples\n", taken.count(), dataset.train.count,
                  dataset.test.count);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
