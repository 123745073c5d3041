#include "rectify/diagnose/live.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "rectify/diagnose/data_figures.h"
#include "rectify/diagnose/rules/kit.h"
#include "rectify/train/class_weights.h"

namespace rectify::diagnose {

namespace {

using train::EpochRecord;
using train::LayerRecord;

/// What the checks see: the epochs so far and what knowing nothing costs, by class weights where
/// there are any.
struct Past {
  const train::Trainer& trainer;
  double constant_loss, constant_error;

  const std::vector<EpochRecord>& epochs() const { return trainer.history(); }
  const EpochRecord& last() const { return epochs().back(); }
};

Finding warning_of(std::string_view cause, Severity severity, std::string where) {
  const auto rule = std::ranges::find(rules(), cause, &Rule::cause);
  return check::found(*rule, severity, std::move(where));
}

std::optional<Finding> units_died(const Past& past) {
  constexpr double many = 0.8, nearly_all = 0.98;
  constexpr std::int64_t few_units = 4;
  const LayerRecord* worst = nullptr;
  for (const LayerRecord& layer : past.last().layers) {
    const auto& type =
        past.trainer.model().graph.node(past.trainer.model().graph.find(layer.label));
    if (type.type.shape.size() < few_units || !(layer.dead_channels >= many)) continue;
    if (!worst || layer.dead_channels > worst->dead_channels) worst = &layer;
  }
  if (!worst) return {};
  Finding finding = warning_of(
      "dead_units", worst->dead_channels >= nearly_all ? Severity::fault : Severity::warning,
      worst->label);
  finding.evidence.push_back(concat(check::percent(worst->dead_channels), " of the units of ",
                                    worst->label, " answer the same to all validation samples"));
  finding.advice = "a lower --lr, or --activation leaky_relu";
  return finding;
}

std::optional<Finding> layer_saturated(const Past& past) {
  constexpr double mostly = 0.95;
  const graph::Graph& graph = past.trainer.model().graph;
  for (const LayerRecord& layer : past.last().layers) {
    if (layer.saturated.value_or(0) < mostly) continue;
    if (!check::is_two_sided(graph.node(graph.find(layer.label)))) continue;
    Finding finding = warning_of("saturated_units", Severity::warning, layer.label);
    finding.evidence.push_back(concat(check::percent(*layer.saturated), " of the outputs of ",
                                      layer.label, " are where it is flat"));
    finding.advice = "a lower --lr, smaller weights, or a rectifier";
    return finding;
  }
  return {};
}

std::optional<Finding> loss_rose(const Past& past) {
  constexpr double much = 1.5;
  double least = INFINITY;
  for (const EpochRecord& epoch : past.epochs()) least = std::min(least, epoch.train_loss);
  const double now = past.last().train_loss;
  // What a rise is held against, so that one of next to nothing does not count.
  const double useless =
      1.1 * (past.constant_loss > 0 ? past.constant_loss : past.epochs().front().train_loss);
  if (past.epochs().size() < 2 || now < much * least || now < useless) return {};
  Finding finding = warning_of("rate_too_high", Severity::warning, {});
  finding.evidence.push_back(
      concat("the training loss has risen from ", check::brief(least), " to ", check::brief(now)));
  finding.advice = concat("a lower rate than --lr ", check::brief(past.trainer.options().lr));
  return finding;
}

/// No better than a constant answer in the last three epochs, and those a fifth of all or more.
std::optional<Finding> nothing_learned(const Past& past) {
  constexpr double no_better = 0.97;
  const std::size_t done = past.epochs().size();
  const std::size_t patience =
      std::max<std::size_t>(3, static_cast<std::size_t>(past.trainer.options().epochs) / 5);
  if (done < patience || past.constant_error <= 0) return {};
  double best = INFINITY, least = INFINITY;
  for (std::size_t i = done - 3; i < done; ++i) {
    const EpochRecord& epoch = past.epochs()[i];
    best = std::min(best, epoch.weighted_error.value_or(epoch.validation_error));
    least = std::min(least, epoch.train_loss);
  }
  if (best < no_better * past.constant_error) return {};
  if (past.constant_loss > 0 && least < no_better * past.constant_loss) return {};
  Finding finding = warning_of("not_learning", Severity::fault, {});
  finding.evidence.push_back(
      concat("after ", done, " epochs it does no better than the same answer to all"));
  finding.advice = "rectify diagnose on the run's folder says why";
  return finding;
}

using LiveCheck = std::optional<Finding> (*)(const Past&);
constexpr LiveCheck checks[] = {units_died, layer_saturated, loss_rose, nothing_learned};

}  // namespace

LiveWatch::LiveWatch(const train::Trainer& trainer, std::set<std::string> warned)
    : trainer_(trainer), warned_(std::move(warned)) {
  const data::Dataset& dataset = trainer.dataset();
  const DataFigures figures =
      measure_data(dataset, trainer.partition().train, trainer.model().normalisation);
  const std::string& loss = trainer.model().loss;
  if (!figures.class_counts.empty()) {
    std::vector<float> weights =
        train::class_weights(trainer.options().class_weights, dataset, trainer.partition().train);
    if (weights.empty()) weights.assign(figures.class_counts.size(), 1);
    const auto constant = train::best_constant_answer(figures.class_counts, weights);
    constant_error_ = constant.error;
    if (loss.ends_with("cross_entropy")) constant_loss_ = constant.cross_entropy;
  } else if (loss == "mean_squared_error") {
    constant_loss_ = figures.target_deviation * figures.target_deviation;
    const auto& scalings = trainer.model().normalisation.targets;
    if (scalings.size() == 1 && scalings[0].scale > 0)
      constant_error_ = figures.target_deviation / scalings[0].scale;
  }
}

std::vector<Finding> LiveWatch::look() {
  std::vector<Finding> fresh;
  if (trainer_.history().empty()) return fresh;
  const Past past{trainer_, constant_loss_, constant_error_};
  for (const LiveCheck look_for : checks)
    if (auto finding = look_for(past); finding && warned_.insert(finding->cause).second)
      fresh.push_back(std::move(*finding));
  return fresh;
}

}  // namespace rectify::diagnose
