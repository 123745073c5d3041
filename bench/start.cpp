// bench_start SPEC MODEL STEPS [ENOUGH [BATCH [L1]]]: trains a network on data with the defaults of
// `rectify train`, for bench/whole_runs.py and bench/zeros.py. Prints JSON, a line each: after the
// first step and after every epoch, with seconds since main() began; at the end the most memory
// that the process had. STEPS ends the run early, 0 does not; it also ends when the error on the
// test split is at most ENOUGH percent. BATCH 0 is the usual one; L1 is the penalty on activations.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "rectify/data/dataset.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/trainer.h"

namespace {

using nlohmann::json;

/// VmHWM of this process, in bytes.
double most_memory() {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;)
    if (word == "VmHWM:") {
      double kilobytes = 0;
      file >> kilobytes;
      return 1024 * kilobytes;
    }
  return 0;
}

void say(const json& line) {
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

void run(const std::string& spec, const std::string& model, long steps, double enough, int batch,
         double l1) {
  const auto begin = std::chrono::steady_clock::now();
  const auto since = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  rectify::ThreadPool threads(0);
  const rectify::run::WarmUp products;
  const rectify::data::Dataset dataset = rectify::data::open(spec, threads);
  rectify::train::Options options;
  options.data = spec;
  options.model = model;
  if (batch > 0) options.batch = batch;
  options.lr = rectify::train::usual_rate(options);
  options.l1 = l1;
  rectify::train::Trainer trainer(options, dataset, threads);
  long taken = -1;  // `stop` is asked before each step
  const auto stop = [&] {
    if (++taken == 1) say({{"first step", since()}});
    return steps > 0 && taken >= steps;
  };
  double training = 0;
  while (!trainer.finished() && trainer.train_epoch({}, stop)) {
    training += trainer.history().back().seconds;
    const double error = trainer.evaluate_test(false).error;
    say({{"epoch", trainer.history().back().epoch},
         {"test error", error},
         {"training seconds", training},
         {"seconds", since()}});
    if (100 * error <= enough) break;
  }
  say({{"most memory", most_memory()}, {"seconds", since()}});
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::fprintf(stderr, "bench_start SPEC MODEL STEPS [ENOUGH [BATCH [L1]]]\n");
    return 2;
  }
  try {
    run(words[1], words[2], std::atol(words[3]), count > 4 ? std::atof(words[4]) : 0,
        count > 5 ? std::atoi(words[5]) : 0, count > 6 ? std::atof(words[6]) : 0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
