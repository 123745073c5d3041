// The adding task (Hochreiter & Schmidhuber 1997): a sequence of numbers from 0 to 1, two of which
// are marked; the answer is their sum. Answering 1 always has a mean squared error of 1/6. Before
// them stands an empty place, so that a network may read the first and the last place, as one of
// `avg_pool 1x1 stride=STEPS` does, and know nothing by the first.

#include <cmath>

#include "rectify/base/random.h"
#include "rectify/lab/cell_training.h"
#include "rectify/lab/measure.h"

namespace rectify::lab::ops {

namespace {

data::Split sequences(std::size_t count, std::int64_t steps, const Random& random) {
  data::Split split{.count = count};
  const auto length = static_cast<std::size_t>(steps);
  split.values.assign(count * (length + 1) * 2, 0);
  std::uint64_t at = 0;
  for (std::size_t s = 0; s < count; ++s) {
    float* const row = split.values.data() + (s * (length + 1) + 1) * 2;
    for (std::size_t t = 0; t < length; ++t) row[2 * t] = static_cast<float>(random.uniform(at++));
    const auto half = static_cast<std::uint32_t>(length / 2);
    const std::size_t first = random.below(at++, half);
    const std::size_t second = half + random.below(at++, static_cast<std::uint32_t>(length) - half);
    row[2 * first + 1] = row[2 * second + 1] = 1;
    split.targets.push_back(row[2 * first] + row[2 * second]);
  }
  return split;
}

data::Dataset adding_task(const MeasureInput& input) {
  const auto steps = input.get<std::int64_t>("steps");
  data::Dataset dataset;
  dataset.spec = "adding task";
  dataset.sample_shape = Shape{steps + 1, 2};
  dataset.target_width = 1;
  const auto stream = static_cast<std::uint32_t>(Stream::data);
  dataset.train = sequences(static_cast<std::size_t>(input.get<std::int64_t>("samples")), steps,
                            Random(input.seed, stream, 11));
  dataset.test = sequences(2000, steps, Random(input.seed, stream, 12));
  return dataset;
}

Json prepare(const MeasureInput& input) {
  const data::Dataset dataset = adding_task(input);
  return searched(input.options.at("search"),
                  training_options(input.options.at("train"), input.get<std::string>("model"), 0),
                  dataset, input);
}

Measured measure(const MeasureInput& input) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  if (input.prepared.contains("lr") && !input.prepared.at("lr").is_number())
    return {.figures = {{"test_error", nothing}, {"diverged", 1}}};
  const data::Dataset dataset = adding_task(input);
  const train::Options options = with_chosen(
      training_options(input.options.at("train"), input.get<std::string>("model"), input.seed),
      input.prepared);
  train::Trainer trainer(options, dataset, input.threads);
  const Training end = train_to_the_end(trainer, input);
  if (trainer.history().empty()) return {.figures = {{"test_error", nothing}, {"diverged", 1}}};
  report::LabSeries curve{.name = "validation error"};
  for (const train::EpochRecord& epoch : trainer.history()) {
    curve.x.push_back(epoch.epoch);
    curve.y.push_back(epoch.validation_error);
  }
  const double error = trainer.evaluate_test(true).error;
  return {.figures = {{"test_error", error},
                      {"square_error", error * error},
                      {"diverged", end.finite ? 0 : 1}},
          .series = {curve}};
}

}  // namespace

std::span<const Measure> adding() {
  static const Measure all[] = {
      {.name = "adding",
       .summary = "the adding task by a recurrent network",
       .options = {{"model", "",
                    "the network's text; its samples are (steps + 1) x 2, its answer 1"},
                   {"steps", 50, "of a sequence"},
                   {"samples", 20000, "that are trained on"},
                   {"search", Json::object(), "what is chosen on validation: lr = true, ..."},
                   {"train", Json::object(), "options of training"}},
       .check = check_training,
       .prepare = prepare,
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
