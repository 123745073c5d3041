// bench_diagnosis SPEC MODEL [PAIRS]: what watching and diagnosing cost, as ratios of medians in
// alternating pairs of one process. Prints three lines:
//   an epoch with its counters and warnings, over one without (batch 128, training alone);
//   units measured in an evaluation of 10,000 training samples, over the evaluation alone;
//   seconds of all that `rectify preflight` does after the data are open.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "rectify/base/machine.h"
#include "rectify/diagnose/live.h"
#include "rectify/diagnose/rules.h"
#include "rectify/model/evaluate.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/trainer.h"

namespace {

namespace data = rectify::data;
namespace diagnose = rectify::diagnose;
namespace model = rectify::model;
namespace train = rectify::train;
using rectify::ThreadPool;

template <class Act>
double seconds_of(const Act& act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// The median of (with / without), each pair one after the other.
template <class With, class Without>
void compare(const char* what, int pairs, const With& with, const Without& without) {
  with();
  without();
  std::vector<double> ratios, base;
  for (int i = 0; i < pairs; ++i) {
    const double first = i % 2 ? seconds_of(with) : seconds_of(without);
    const double second = i % 2 ? seconds_of(without) : seconds_of(with);
    ratios.push_back(i % 2 ? first / second : second / first);
    base.push_back(std::min(first, second));
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("%s: %.3f (quartiles %.3f to %.3f, %d pairs, %.0f ms)\n", what, median(ratios),
              ratios[ratios.size() / 4], ratios[3 * ratios.size() / 4], pairs, 1000 * median(base));
}

void measure_all(const std::string& spec, const std::string& text, int pairs) {
  ThreadPool threads(0);
  const rectify::run::WarmUp products;
  const data::Dataset dataset = data::open(spec, threads);
  train::Options options;
  options.data = spec;
  options.model = text;
  options.epochs = 100000;
  std::printf("%s, %s, %s\n", rectify::processor_name().c_str(), spec.c_str(), text.c_str());

  train::Trainer watched(options, dataset, threads), alone(options, dataset, threads);
  alone.watch(false);
  diagnose::LiveWatch watch(watched);
  compare(
      "watching an epoch", pairs,
      [&] {
        watched.train_epoch();
        watch.look();
      },
      [&] { alone.train_epoch(); });

  const model::Model network = watched.last_model();
  auto rows = model::all_samples(std::min<std::size_t>(10000, dataset.train.count));
  model::Evaluator evaluator(network.graph, network.layout,
                             const_cast<float*>(network.parameters.data()), network.loss, dataset,
                             threads);
  compare(
      "measuring units of 10,000 inputs", pairs,
      [&] { diagnose::measure(network, dataset, dataset.train, rows, threads); },
      [&] { evaluator.evaluate(dataset.train, rows, network.normalisation, false); });

  options.epochs = 20;
  std::vector<double> times;
  for (int i = 0; i < 5; ++i)
    times.push_back(
        seconds_of([&] { diagnose::diagnose(diagnose::facts_before(options, dataset, threads)); }));
  std::printf("preflight: %.2f s\n", median(times));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_diagnosis SPEC MODEL [PAIRS]\n");
    return 2;
  }
  try {
    measure_all(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 20);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_diagnosis: error: %s\n", error.what());
    return 1;
  }
}
