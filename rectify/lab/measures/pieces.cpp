// The linear pieces of rectifier networks: of a tent map composed with itself, and along segments
// between test samples, before and after training.

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/diagnose/regions/segment.h"
#include "rectify/lab/cell_training.h"
#include "rectify/lab/measure.h"

namespace rectify::lab::ops {

namespace {

/// 1 - |2 x - 1| on [0, 1], `depth` times, as 2 relu(x) - 4 relu(x - 1/2).
std::size_t tent_pieces(int depth, ThreadPool& threads) {
  model::Model tent(concat("1 : repeat ", depth, " (dense 2 | relu | dense 1)"));
  for (const run::ParameterSlot& slot : tent.layout.slots()) {
    float* const at = tent.parameters.data() + slot.offset;
    const bool first = slot.shape.size() == 2 && slot.shape.extents()[0] == 1;
    if (slot.label.ends_with(".weight")) {
      at[0] = first ? 1.0f : 2.0f;
      at[1] = first ? 1.0f : -4.0f;
    } else if (slot.shape.size() == 2) {
      at[1] = -0.5f;
    }
  }
  const diagnose::AffineNetwork network(tent);
  const float low = 0, high = 1;
  return diagnose::pieces_between(network, std::span(&low, 1), std::span(&high, 1), threads).pieces;
}

/// The mean number of pieces between pairs of test samples.
double mean_pieces(const model::Model& model, const data::Dataset& dataset,
                   const MeasureInput& input) {
  const int segments = input.get<int>("segments");
  const diagnose::AffineNetwork network(model);
  const std::size_t features = dataset.features();
  const Random random(input.seed, static_cast<std::uint32_t>(Stream::data), 3);
  double sum = 0;
  for (int s = 0; s < segments; ++s) {
    const auto at = 2 * static_cast<std::uint64_t>(s);
    const auto count = static_cast<std::uint32_t>(dataset.test.count);
    std::uint32_t ends[] = {random.below(at, count), random.below(at + 1, count)};
    if (ends[0] == ends[1]) ends[1] = (ends[1] + 1) % count;
    std::vector<float> samples(2 * features);
    data::gather(dataset.test, features, ends, model.normalisation.inputs, samples.data());
    const std::span<const float> all(samples);
    sum += static_cast<double>(
        diagnose::pieces_between(network, all.first(features), all.last(features), input.threads)
            .pieces);
  }
  return sum / segments;
}

Measured measure(const MeasureInput& input) {
  Measured out;
  if (input.get<bool>("tent")) {
    report::LabSeries series{.name = "tent"};
    for (const int depth : input.get<std::vector<int>>("depths")) {
      const auto pieces = static_cast<double>(tent_pieces(depth, input.threads));
      series.x.push_back(depth);
      series.y.push_back(pieces);
      out.figures.emplace_back(concat("tent_", depth), pieces);
      out.lines.push_back(concat("tent map, composed ", depth, " times: ", pieces, " pieces"));
    }
    out.series.push_back(series);
  }
  const data::Dataset dataset =
      first_samples(*input.dataset, input.get<std::int64_t>("samples"), 0);
  const train::Options options =
      training_options(input.options.at("train"), input.get<std::string>("model"), input.seed);
  train::Trainer trainer(options, dataset, input.threads);
  double parameters = 0;
  for (const run::ParameterSlot& slot : trainer.model().layout.slots())
    parameters += static_cast<double>(slot.size);
  out.figures.emplace_back("parameters", parameters);
  out.figures.emplace_back("pieces_before", mean_pieces(trainer.model(), dataset, input));
  const Training end = train_to_the_end(trainer, input);
  out.figures.emplace_back("diverged", end.finite ? 0 : 1);
  if (trainer.history().empty()) return out;
  out.figures.emplace_back("pieces_after", mean_pieces(trainer.best_model(), dataset, input));
  out.figures.emplace_back("test_error", 100 * trainer.evaluate_test(true).error);
  return out;
}

}  // namespace

std::span<const Measure> pieces() {
  static const Measure all[] = {
      {.name = "pieces",
       .summary = "linear pieces of a composed tent map, and between samples of a trained network",
       .version = 2,
       .options = {{"model", "784 : dense 100 | relu | dense 10", "the network's text"},
                   {"train", Json::object(), "options of training, by their names in JSON"},
                   {"samples", 0, "of the training split that are used; 0: all"},
                   {"segments", 20, "between pairs of test samples"},
                   {"tent", true, "also counts those of the tent map"},
                   {"depths", Json::array(), "how often the tent map is composed"}},
       .needs_data = true,
       .check = check_training,
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
