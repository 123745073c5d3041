#include "rectify/lab/proof.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/statistics.h"
#include "rectify/lab/stopped.h"
#include "rectify/train/trainer.h"

namespace rectify::lab {

namespace {

/// The test error of one training; NaN when it went non-finite before any epoch was done.
double train_once(const train::Options& options, const data::Dataset& dataset, ThreadPool& threads,
                  const ProgressCallback& progress, const StopCallback& stop) {
  train::Trainer trainer(options, dataset, threads);
  trainer.take_weights();
  try {
    while (!trainer.finished())
      if (!trainer.train_epoch(progress, stop)) throw Stopped("stopped");
  } catch (const train::NonFinite&) {
    return std::nan("");
  }
  return trainer.evaluate_test(true).error;
}

}  // namespace

Proof::Answer Proof::answer() const {
  std::vector<double> was, is;
  double mended = 0;  // trainings that broke and do not any more
  for (std::size_t i = 0; i < before.size(); ++i) {
    mended += std::isnan(before[i]) - std::isnan(after[i]);
    if (std::isnan(before[i]) || std::isnan(after[i])) continue;
    was.push_back(before[i]);
    is.push_back(after[i]);
  }
  if (mended != 0) return mended > 0 ? Answer::better : Answer::worse;
  if (was.empty()) return Answer::no_difference;
  const double gain = spread(was).mean - spread(is).mean;
  const bool told_apart = was.size() == 1 || paired_difference(was, is).p < 0.05;
  if (!told_apart || gain == 0) return Answer::no_difference;
  return gain > 0 ? Answer::better : Answer::worse;
}

Proof prove(const train::Options& before, const train::Options& after, const data::Dataset& dataset,
            int seeds, ThreadPool& threads, const ProgressCallback& progress,
            const StopCallback& stop) {
  Proof proof;
  double done = 0;
  const double all = 2.0 * seeds;
  const auto shown = [&](const char* which, int seed) {
    return [&, which, seed](const Progress& part) {
      if (!progress) return;
      Progress whole = part;
      whole.done = (done + part.done) / all;
      whole.text = concat(which, ", seed ", seed + 1, " of ", seeds);
      progress(whole);
    };
  };
  for (int seed = 0; seed < seeds; ++seed)
    for (const bool changed : {false, true}) {
      train::Options options = changed ? after : before;
      options.seed += static_cast<std::uint64_t>(seed);
      const ProgressCallback show = shown(changed ? "as changed" : "as it was", seed);
      (changed ? proof.after : proof.before)
          .push_back(train_once(options, dataset, threads, show, stop));
      ++done;
    }
  return proof;
}

}  // namespace rectify::lab
