// A network, trained, and what can be proven of it: for each of the first test samples, whether the
// answer stays the same when every number changes a little (verify/robust.h).

#include <limits>

#include "rectify/lab/cell_training.h"
#include "rectify/lab/measure.h"
#include "rectify/lab/stopped.h"
#include "rectify/verify/robust.h"

namespace rectify::lab::ops {

namespace {

/// The share of the progress that training takes.
constexpr double training_share = 0.3;

data::Dataset proof_data(const MeasureInput& input) {
  return first_samples(*input.dataset, input.get<std::int64_t>("samples"),
                       input.get<std::int64_t>("test_samples"));
}

train::Options proof_training(const MeasureInput& input, std::uint64_t seed) {
  return training_options(input.options.at("train"), input.get<std::string>("model"), seed);
}

Json search_before_proofs(const MeasureInput& input) {
  return searched(input.options.at("search"), proof_training(input, 0), proof_data(input), input);
}

/// What became of the samples, one after the other.
verify::FateCounts judged(const model::Predictor& predictor, const data::Dataset& dataset,
                          const MeasureInput& input) {
  const model::Perturbation change(dataset, input.get<double>("eps"));
  verify::RobustJudge judge(predictor, dataset, change, verify::Norm::inf, input.threads);
  // Sub-problems and not seconds are what ends a search, so that a busy machine proves as much.
  const verify::Limits limits{.seconds = input.get<double>("seconds_each"),
                              .threads = input.threads.threads(),
                              .boxes = input.get<std::size_t>("boxes"),
                              .stop = input.stop};
  const auto count = std::min<std::size_t>(input.get<std::size_t>("count"), dataset.test.count);
  verify::FateCounts counts;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto fate = judge.look_at(dataset.test, i, limits);
    if (!fate) throw Stopped("stopped");
    counts.add(*fate);
    const double share = static_cast<double>(i + 1) / static_cast<double>(count);
    input.progress({.text = concat("sample ", i + 1, " of ", count),
                    .done = training_share + (1 - training_share) * share});
  }
  return counts;
}

Measured no_proofs() {
  return {.figures = {{"diverged", 1}, {"test_error", std::numeric_limits<double>::quiet_NaN()}}};
}

Measured measure_proofs(const MeasureInput& input) {
  if (input.prepared.contains("lr") && !input.prepared.at("lr").is_number()) return no_proofs();
  const data::Dataset dataset = proof_data(input);
  train::Trainer trainer(with_chosen(proof_training(input, input.seed), input.prepared), dataset,
                         input.threads);
  MeasureInput training = input;
  training.progress = [&](const Progress& p) {
    input.progress({.text = p.text, .done = training_share * p.done});
  };
  train_to_the_end(trainer, training);
  if (trainer.history().empty()) return no_proofs();
  const double error = trainer.evaluate_test(true).error;
  const model::Predictor predictor(trainer.best_model());
  const verify::FateCounts counts = judged(predictor, dataset, input);
  using verify::Fate;
  const double right = 1 - counts.share(Fate::wrong);
  const double undecided = counts.share(Fate::undecided);
  return {.figures = {{"test_error", 100 * error},
                      {"certified", 100 * counts.share(Fate::certified)},
                      {"attacked", 100 * counts.share(Fate::attacked)},
                      {"undecided", 100 * undecided},
                      {"wrong", 100 * counts.share(Fate::wrong)},
                      {"decided", right > 0 ? 100 * (right - undecided) / right : 0},
                      {"diverged", 0}}};
}

}  // namespace

std::span<const Measure> robustness() {
  static const Measure all[] = {
      {.name = "robustness",
       .summary = "for how many samples a verifier decides whether their answer stays",
       .options = {{"model", "784 : repeat 2 (dense 50 | relu) | dense 10", "the network's text"},
                   {"train", Json::object(), "options of training, by their names in JSON"},
                   {"search", Json::object(), "what is chosen on validation: lr = true, ..."},
                   {"samples", 0, "of the training split that are used; 0: all"},
                   {"test_samples", 0, "of the test split that the error is of; 0: all"},
                   {"eps", 0.02, "how far each number changes, of images a share of the range"},
                   {"count", 100, "of test samples that are judged"},
                   {"boxes", 1000, "sub-problems for a sample, at most"},
                   {"seconds_each", 600.0, "for a sample, at most"}},
       .needs_data = true,
       .check = check_training,
       .prepare = search_before_proofs,
       .measure = measure_proofs}};
  return all;
}

}  // namespace rectify::lab::ops
