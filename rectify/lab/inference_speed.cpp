#include "rectify/lab/inference_speed.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "rectify/model/fill.h"
#include "rectify/run/plan.h"

namespace rectify::lab {

namespace {

constexpr int warm_up_runs = 3, speed_parts = 9;
constexpr double seconds_a_speed = 0.02;

/// Runs a network on one batch of test samples after another.
class TimedAnswers {
 public:
  TimedAnswers(model::Model& model, const data::Dataset& dataset, std::int64_t batch,
               ThreadPool& threads)
      : model_(model),
        dataset_(dataset),
        threads_(threads),
        plan_(model.graph, model.layout, model.parameters.data(), threads,
              {.batch = batch, .keep = {model.graph.result}}),
        samples_(static_cast<std::size_t>(batch)) {}

  /// Seconds of one run, without the copying of the samples.
  double run() {
    for (std::uint32_t& sample : samples_)
      sample = static_cast<std::uint32_t>(next_++ % dataset_.test.count);
    model::fill(plan_, model_.graph, dataset_, dataset_.test, samples_, model_.normalisation,
                threads_);
    const auto begin = std::chrono::steady_clock::now();
    plan_.run({});
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

 private:
  model::Model& model_;
  const data::Dataset& dataset_;
  ThreadPool& threads_;
  run::Plan plan_;
  std::vector<std::uint32_t> samples_;
  std::size_t next_ = 0;
};

}  // namespace

double inference_speed(model::Model model, const data::Dataset& dataset, std::int64_t batch,
                       ThreadPool& threads) {
  model::Model folded = model::folded(std::move(model));
  TimedAnswers answers(folded, dataset, batch, threads);
  for (int i = 0; i < warm_up_runs; ++i) answers.run();
  std::vector<double> speeds;
  for (int part = 0; part < speed_parts; ++part) {
    double seconds = 0;
    std::int64_t samples = 0;
    for (; seconds < seconds_a_speed; samples += batch) seconds += answers.run();
    speeds.push_back(static_cast<double>(samples) / seconds);
  }
  std::ranges::nth_element(speeds, speeds.begin() + speed_parts / 2);
  return speeds[speed_parts / 2];
}

}  // namespace rectify::lab
