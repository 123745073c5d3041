#include "rectify/lab/test_answers.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/text.h"
#include "rectify/data/images/encode_png.h"
#include "rectify/data/images/sample_image.h"
#include "rectify/lab/run_result.h"
#include "rectify/model/errors.h"
#include "rectify/model/fill.h"
#include "rectify/model/metrics.h"
#include "rectify/model/remarks.h"
#include "rectify/report/format.h"

namespace rectify::lab {

namespace {

constexpr std::size_t most_worst = 24;    // samples that are shown
constexpr std::size_t most_columns = 40;  // of a table
constexpr std::size_t most_answers = 1000;
constexpr int residual_bins = 40;
constexpr int digits = 5;  // of a number in a table

/// The network's answers to the first samples of the test split.
struct Answers {
  std::vector<std::uint32_t> samples;
  std::vector<float> outputs;
  std::size_t width = 0;  ///< numbers of an answer
  std::span<const float> of(std::size_t i) const {
    return std::span(outputs).subspan(i * width, width);
  }
};

/// As many answers as fit in a moderate piece of memory.
Answers answers_of(report::Training& run, train::Trainer& trainer) {
  constexpr std::size_t most_floats = std::size_t{1} << 25;
  const graph::Graph& graph = trainer.model().graph;
  Answers answers;
  answers.width = static_cast<std::size_t>(graph.node(graph.result).type.shape.size());
  const std::size_t all = trainer.dataset().test.count;
  answers.samples =
      model::all_samples(std::min(all, std::max<std::size_t>(1, most_floats / answers.width)));
  if (answers.samples.size() < all)
    run.notes.push_back(concat("Scores of classes and the worst samples are of the first ",
                               answers.samples.size(), " test samples of ", all, "."));
  answers.outputs = trainer.best_test_outputs(answers.samples);
  return answers;
}

std::string class_text(const data::Dataset& dataset, std::int32_t c) {
  return c < 0 ? "nothing" : dataset.class_names[static_cast<std::size_t>(c)];
}

std::string numbers_text(std::span<const float> numbers) {
  std::string text;
  for (const float number : numbers)
    text += (text.empty() ? "" : ", ") + report::significant_text(number, digits);
  return text;
}

/// What a sample of several labels, such as a text, says: the names of its classes one after the
/// other.
std::string joined(const data::Dataset& dataset, std::span<const std::int32_t> classes) {
  std::string text;
  for (const std::int32_t c : classes) text += class_text(dataset, c);
  return text;
}

void tell_answer(report::WorstSample& worst, std::span<const float> answer,
                 const train::Trainer& trainer) {
  const data::Dataset& dataset = trainer.dataset();
  const data::Split& test = dataset.test;
  const model::Model& model = trainer.model();
  if (dataset.classes() == 0) {
    std::vector<float> numbers(answer.begin(), answer.end());
    data::to_targets(numbers, model.normalisation.targets);
    worst.truth =
        numbers_text(std::span(test.targets).subspan(worst.number * answer.size(), answer.size()));
    worst.answer = numbers_text(numbers);
    return;
  }
  const std::span<const std::int32_t> labels = model::labels_of(test, worst.number);
  const std::size_t width = answer.size() / labels.size();
  std::vector<std::int32_t> guesses;
  for (std::size_t l = 0; l < labels.size(); ++l)
    guesses.push_back(model::predicted_class(answer.subspan(l * width, width), model.loss));
  worst.truth = joined(dataset, labels);
  worst.answer = joined(dataset, guesses);
  const std::vector<double> shares = model::probabilities(answer, model.loss);
  if (labels.size() == 1 && guesses[0] >= 0 && !shares.empty())
    worst.confidence = shares[static_cast<std::size_t>(guesses[0])];
}

void show_sample(report::WorstSample& worst, const data::Dataset& dataset, std::size_t columns) {
  const data::Split& test = dataset.test;
  if (const auto image = data::sample_image(dataset, test, worst.number)) {
    worst.picture = data::encode_png(*image);
    return;
  }
  const std::size_t features = dataset.features();
  if (dataset.ids) {
    std::string text;
    for (std::size_t i = 0; i < features; ++i) {
      const std::size_t at = worst.number * features + i;
      text += class_text(dataset, test.bytes.empty() ? static_cast<std::int32_t>(test.values[at])
                                                     : test.bytes[at]);
    }
    worst.values = {text};
    return;
  }
  for (std::size_t i = 0; i < columns; ++i) {
    const std::size_t at = worst.number * features + i;
    worst.values.push_back(test.bytes.empty() ? report::significant_text(test.values[at], digits)
                                              : std::to_string(test.bytes[at]));
  }
}

void add_worst(report::Training& run, const train::Trainer& trainer, const Answers& answers) {
  const data::Dataset& dataset = trainer.dataset();
  const model::Model& model = trainer.model();
  const std::vector<double> wrong = model::wrongness(answers.outputs, dataset.test, answers.samples,
                                                     model.loss, model.normalisation);
  std::vector<std::size_t> order(wrong.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t shown = std::min(most_worst, order.size());
  const auto key = [&](std::size_t i) { return std::isnan(wrong[i]) ? INFINITY : wrong[i]; };
  std::ranges::partial_sort(
      order, order.begin() + static_cast<std::ptrdiff_t>(shown),
      [&](std::size_t a, std::size_t b) { return key(a) > key(b) || (key(a) == key(b) && a < b); });
  const std::size_t columns = dataset.ids ? 1 : std::min(most_columns, dataset.features());
  for (std::size_t i = 0; i < columns; ++i)
    run.columns.push_back(dataset.ids                  ? "text"
                          : i < dataset.columns.size() ? dataset.columns[i]
                                                       : "x" + std::to_string(i));
  for (std::size_t i = 0; i < shown; ++i) {
    report::WorstSample worst;
    worst.number = answers.samples[order[i]];
    tell_answer(worst, answers.of(order[i]), trainer);
    show_sample(worst, dataset, columns);
    run.worst.push_back(std::move(worst));
  }
}

void add_class_scores(report::Training& run, const train::Trainer& trainer,
                      const Answers& answers) {
  const data::Split& test = trainer.dataset().test;
  const std::size_t width = test.labels.size() / test.count;
  const auto labels = std::span(test.labels).first(answers.samples.size() * width);
  const auto scores =
      model::class_scores(answers.outputs, labels, run.classes.size(), trainer.model().loss);
  const auto put = [](report::ClassFigures& into, const model::ClassScores& from) {
    into.precision = from.precision;
    into.recall = from.recall;
    into.f1 = from.f1;
    into.auc = from.auc;
  };
  for (std::size_t c = 0; c < scores.size(); ++c) put(run.classes[c], scores[c]);
  put(run.mean, model::mean_scores(scores));
}

void add_targets(report::Training& run, const train::Trainer& trainer, const Answers& answers) {
  const data::Split& test = trainer.dataset().test;
  std::vector<float> predicted = answers.outputs;
  data::to_targets(predicted, trainer.model().normalisation.targets);
  const std::size_t width = answers.width, count = answers.samples.size();
  const std::size_t step = (count + most_answers - 1) / most_answers;
  for (std::size_t j = 0; j < width; ++j) {
    report::TargetFigures target{.name = width == 1 ? "target" : "target " + std::to_string(j + 1),
                                 .answers = {},
                                 .residuals = {}};
    std::vector<float> residuals;
    for (std::size_t i = 0; i < count; ++i) {
      const float actual = test.targets[i * width + j], answer = predicted[i * width + j];
      residuals.push_back(answer - actual);
      if (i % step == 0) target.answers.emplace_back(actual, answer);
    }
    target.residuals = histogram_of(std::move(residuals), residual_bins);
    run.targets.push_back(std::move(target));
  }
}

}  // namespace

void add_test_answers(report::Training& run, train::Trainer& trainer,
                      const model::Evaluation& test) {
  run.test_error = test.error;
  run.test_loss = test.loss;
  run.test_samples = static_cast<std::int64_t>(test.samples);
  run.confusion = test.confusion;
  run.baseline = model::baseline_error(test);
  const Answers answers = answers_of(run, trainer);
  if (answers.samples.empty()) return;
  if (run.class_names.empty()) {
    run.scores = {
        {"R²", report::significant_text(test.regression.r2, 3)},
        {"Mean absolute error", report::significant_text(test.regression.absolute_error, 4)}};
    add_targets(run, trainer, answers);
  } else {
    add_class_scores(run, trainer, answers);
  }
  add_worst(run, trainer, answers);
}

}  // namespace rectify::lab
