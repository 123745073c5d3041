// An autoencoder whose last layer ends in one activation or another: how well it reproduces images
// that it did not see. Pixels are shares from 0 to 1; for tanh they become -1 to 1.

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/lab/cell_training.h"
#include "rectify/lab/measure.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/train/feed/feed.h"
#include "rectify/train/initialise.h"
#include "rectify/train/step.h"

namespace rectify::lab::ops {

namespace {

/// Feeds samples as inputs and as targets.
class Mirror : public train::Feed {
 public:
  Mirror(const data::Split& split, std::size_t features, data::Scaling inputs,
         data::Scaling targets)
      : split_(split), features_(features), inputs_(inputs), targets_(targets) {}

  void fill(run::Plan& plan, const graph::Graph& graph,
            std::span<const std::uint32_t> samples) override {
    data::gather(split_, features_, samples, std::span(&inputs_, 1),
                 plan.input(graph.find("input")));
    data::gather(split_, features_, samples, std::span(&targets_, 1),
                 plan.input(graph.find("target")));
  }

 private:
  const data::Split& split_;
  std::size_t features_;
  data::Scaling inputs_, targets_;
};

float largest_stored(const data::Split& split) {
  return split.values.empty() ? 255 : std::ranges::max(split.values);
}

/// Trains and measures one autoencoder.
class Reproduction {
 public:
  Reproduction(const MeasureInput& input, const data::Dataset& dataset, bool signed_targets)
      : input_(input),
        dataset_(dataset),
        model_(input.get<std::string>("model")),
        options_(training_options(input.options.at("train"), "", input.seed)),
        factor_(signed_targets ? 2 : 1),
        scaling_{.mean = 0, .scale = 1 / largest_stored(dataset.train)},
        targets_{.mean = signed_targets ? 0.5f * largest_stored(dataset.train) : 0,
                 .scale = static_cast<float>(factor_) / largest_stored(dataset.train)} {
    train::initialise(model_.graph, model_.layout, input.seed, options_.init, input.threads,
                      model_.parameters.data());
  }

  /// The root of the mean squared error of test pixels after training, in shares of full ink.
  double error() {
    graph::Graph graph = model_.graph;
    const graph::NodeId loss = model::add_loss(graph, "mean_squared_error", false);
    const train::Objective objective = train::minimise(std::move(graph), {loss});
    train::Step step(objective, model_.layout, model_.parameters.data(), options_, input_.threads);
    Mirror training(dataset_.train, dataset_.features(), scaling_, targets_);
    const std::vector<std::uint32_t> all = model::all_samples(dataset_.train.count);
    const auto batch = static_cast<std::size_t>(options_.batch);
    const std::size_t steps = all.size() / batch;
    const double total = static_cast<double>(steps) * options_.epochs;
    double taken = 0;
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      step.begin_epoch(epoch);
      const auto order = data::epoch_order(all, options_.seed, static_cast<std::uint32_t>(epoch));
      for (std::size_t s = 0; s < steps; ++s) {
        if (input_.stop()) throw Stopped("stopped");
        const double rate = options_.lr * (1 + std::cos(3.14159265 * taken / total)) / 2;
        step.take(training, std::span(order).subspan(s * batch, batch), rate);
        taken += 1;
      }
      input_.progress({.text = concat("epoch ", epoch + 1), .done = taken / total});
    }
    return test_error(objective, loss);
  }

 private:
  double test_error(const train::Objective& objective, graph::NodeId loss) {
    const std::vector<std::uint32_t> samples = model::all_samples(dataset_.test.count);
    run::Plan plan(
        objective.graph, model_.layout, model_.parameters.data(), input_.threads,
        {.batch = static_cast<std::int64_t>(samples.size()), .keep = {loss, model_.graph.result}});
    Mirror test(dataset_.test, dataset_.features(), scaling_, targets_);
    test.fill(plan, objective.graph, samples);
    plan.run({});
    const std::span<const float> answers = plan.value(model_.graph.result);
    std::vector<float> wanted(answers.size());
    data::gather(dataset_.test, dataset_.features(), samples, std::span(&targets_, 1),
                 wanted.data());
    double sum = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const double off = (static_cast<double>(answers[i]) - wanted[i]) / factor_;
      sum += off * off;
    }
    return std::sqrt(sum / static_cast<double>(wanted.size()));
  }

  const MeasureInput& input_;
  const data::Dataset& dataset_;
  model::Model model_;
  train::Options options_;
  double factor_;
  data::Scaling scaling_, targets_;
};

Measured measure(const MeasureInput& input) {
  const data::Dataset dataset = first_samples(*input.dataset, input.get<std::int64_t>("samples"),
                                              input.get<std::int64_t>("test_samples"));
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  try {
    const double error = Reproduction(input, dataset, input.get<bool>("signed")).error();
    return {.figures = {{"reconstruction_error", 100 * error}, {"diverged", 0}}};
  } catch (const train::NonFinite&) {
    return {.figures = {{"reconstruction_error", nothing}, {"diverged", 1}}};
  }
}

}  // namespace

std::span<const Measure> decoder() {
  static const Measure all[] = {
      {.name = "decoder",
       .summary = "reconstruction error of an autoencoder",
       .options = {{"model", "", "the autoencoder's text, with the output unit at its end"},
                   {"signed", false, "whether targets go from -1 to 1, as tanh does"},
                   {"samples", 0, "of the training split that are used; 0: all"},
                   {"test_samples", 2000, "of the test split, all in one batch"},
                   {"train", Json::object(),
                    "optimizer, lr, epochs, batch, init; the rate falls as a cosine"}},
       .needs_data = true,
       .check = check_training,
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
