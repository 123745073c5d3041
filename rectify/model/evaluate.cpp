#include "rectify/model/evaluate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/model/errors.h"
#include "rectify/model/evaluation_size.h"
#include "rectify/model/fill.h"
#include "rectify/model/loss.h"
#include "rectify/model/slope.h"

namespace rectify::model {

namespace {

/// What share of all outputs of a layer the counts of its units make up.
double share_of(const std::vector<std::int64_t>& counts, std::size_t samples) {
  const auto total =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  return samples == 0 || counts.empty()
             ? 0
             : total / static_cast<double>(samples) / static_cast<double>(counts.size());
}

}  // namespace

double LayerActivity::zero_share(std::size_t samples) const { return share_of(zeros, samples); }

double LayerActivity::saturated_share(std::size_t samples) const {
  return share_of(saturated, samples);
}

double LayerActivity::dead_share() const {
  return units == 0
             ? 0
             : static_cast<double>(std::ranges::count(alive, false)) / static_cast<double>(units);
}

std::vector<bool> LayerActivity::living_channels() const {
  std::vector<bool> lives(static_cast<std::size_t>(channels));
  for (std::size_t u = 0; u < alive.size(); ++u)
    if (alive[u]) lives[u % lives.size()] = true;
  return lives;
}

std::int64_t LayerActivity::dead_channels() const {
  return std::ranges::count(living_channels(), false);
}

double LayerActivity::dead_channel_share() const {
  return channels == 0 ? 0 : static_cast<double>(dead_channels()) / static_cast<double>(channels);
}

std::vector<std::uint32_t> all_samples(std::size_t n) {
  std::vector<std::uint32_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

Evaluator::Evaluator(const graph::Graph& graph, const run::ParameterLayout& layout,
                     float* parameters, const std::string& loss, const data::Dataset& dataset,
                     ThreadPool& threads, std::shared_ptr<run::Arena> arena)
    : graph_(graph),
      layout_(layout),
      parameters_(parameters),
      loss_name_(loss),
      dataset_(dataset),
      threads_(threads),
      arena_(std::move(arena)) {
  check_ends_of(graph);
  activations_ = graph::hidden_outputs(graph);
  data::check(dataset);
  check_sizes(graph, dataset, loss);
  loss_ = add_loss(graph_, loss, dataset.classes() > 0);
  const std::size_t room = arena_ ? arena_->floats() : std::numeric_limits<std::size_t>::max();
  full_batch_ = evaluation_size(graph_, loss_, room).samples;
}

std::vector<std::string> Evaluator::activation_labels() const {
  std::vector<std::string> labels;
  for (const graph::NodeId id : activations_) labels.push_back(graph_.node(id).label);
  return labels;
}

// A split of the data set itself was checked with it.
void Evaluator::check_asked(const data::Split& split,
                            std::span<const std::uint32_t> samples) const {
  if (&split != &dataset_.train && &split != &dataset_.test)
    data::check(dataset_, split, "the given split");
  if (samples.empty()) return;
  if (const std::uint32_t last = std::ranges::max(samples); last >= split.count)
    fail("there is no sample ", last, " in a split of ", split.count, "; they count from 0");
  if (split.labels.empty() && split.targets.empty())
    fail("samples without ", dataset_.classes() > 0 ? "labels" : "targets",
         " cannot be evaluated; model::answer() gives the answers to them");
}

graph::NodeId Evaluator::readable(const std::string& label) const {
  const graph::NodeId id = graph_.find(label);
  if (id >= 0 && (graph_.node(id).op->given || watched_values(graph_, loss_).contains(id)))
    return id;
  std::vector<std::string> labels = activation_labels();
  labels.push_back(graph_.node(graph_.result).label);
  fail("the network has no activation '", label, "' whose values could be read",
       suggestion(label, labels));
}

run::PlanOptions Evaluator::options_for(std::int64_t batch, bool watch) const {
  run::PlanOptions options{
      .batch = batch, .keep = {graph_.result, loss_}, .weights = weights_, .arena = arena_};
  if (watch) options.keep = watched_values(graph_, loss_);
  return options;
}

run::Plan& Evaluator::plan_for(std::int64_t batch, bool watch) {
  auto& plan = plans_[{batch, watch}];
  if (!plan)
    plan = std::make_unique<run::Plan>(graph_, layout_, parameters_, threads_,
                                       options_for(batch, watch));
  return *plan;
}

void Evaluator::average_over(Views views) { views_ = std::move(views); }

void Evaluator::keep_weights_as(run::WeightPrecision precision) {
  weights_ = precision;
  plans_.clear();
}

// The outputs, or their means over all views. Afterwards the plan holds the values of the samples
// themselves, not of another view.
std::span<const float> Evaluator::answers(run::Plan& plan, std::span<const std::uint32_t> samples,
                                          const data::Split& split,
                                          const data::Normalisation& normalisation) {
  means_.clear();
  for (std::size_t view = views_.count(); view-- > 0;) {
    fill(plan, graph_, dataset_, split, samples, normalisation, threads_);
    float* const images = plan.input(graph_.find("input"));
    if (view > 0)
      threads_.run(samples.size(),
                   [&](std::size_t i) { views_.apply(view, images + i * dataset_.features()); });
    plan.run({});
    const std::span<const float> outputs = plan.value(graph_.result);
    if (views_.count() == 1) return outputs;
    means_.resize(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) means_[i] += outputs[i];
  }
  for (float& mean : means_) mean /= static_cast<float>(views_.count());
  return means_;
}

// Runs a graph of the loss alone; the mean answers are its input.
double Evaluator::loss_of_means(std::span<const std::uint32_t> samples, const data::Split& split,
                                const data::Normalisation& normalisation) {
  graph::Graph graph;
  graph.result = graph.add_input(graph_.node(graph_.result).type, "answers");
  const graph::NodeId loss = add_loss(graph, loss_name_, dataset_.classes() > 0);
  const run::ParameterLayout none(graph);
  run::Plan plan(graph, none, nullptr, threads_,
                 {.batch = static_cast<std::int64_t>(samples.size()), .keep = {loss}});
  fill_target(plan, graph, dataset_, split, samples, normalisation);
  std::ranges::copy(means_, plan.input(graph.result));
  plan.run({});
  return plan.value(loss)[0];
}

void Evaluator::count(std::span<const float> outputs, double loss,
                      std::span<const std::uint32_t> samples, const data::Split& split,
                      const data::Normalisation& normalisation, Evaluation& into,
                      RegressionTally& tally) const {
  const std::size_t width = outputs.size() / samples.size();
  into.loss += loss * static_cast<double>(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::span<const float> z = outputs.subspan(i * width, width);
    if (split.labels.empty()) {
      const auto targets = std::span(split.targets).subspan(samples[i] * width, width);
      into.error += squared_error(z, targets, normalisation);
      tally.add(z, targets);
      continue;
    }
    into.error += wrong_share(z, labels_of(split, samples[i]), loss_name_, &into.confusion);
  }
}

// Units are dealt out in fixed groups; each group goes over all samples of the batch.
void Evaluator::watch_layers(const run::Plan& plan, Evaluation& into) const {
  constexpr std::int64_t group = Slope::most;
  for (std::size_t l = 0; l < activations_.size(); ++l) {
    LayerActivity& layer = into.layers[l];
    const Slope slope_of(plan, graph_.node(activations_[l]), activations_[l]);
    const float* y = plan.value(activations_[l]).data();
    std::vector<char> alive(layer.alive.begin(), layer.alive.end());
    threads_.run(static_cast<std::size_t>((layer.units + group - 1) / group), [&](std::size_t g) {
      const std::int64_t first = static_cast<std::int64_t>(g) * group;
      const std::int64_t units = std::min(group, layer.units - first);
      float slope[group];
      std::int32_t zeros[group] = {}, saturated[group] = {};
      char fires[group] = {};
      for (std::int64_t b = 0; b < plan.batch(); ++b) {
        const std::int64_t at = b * layer.units + first;
        slope_of(at, first, units, slope);
        for (std::int64_t u = 0; u < units; ++u) zeros[u] += y[at + u] == 0;
        for (std::int64_t u = 0; u < units; ++u) fires[u] |= slope[u] != 0;
        for (std::int64_t u = 0; u < units; ++u) saturated[u] += std::abs(slope[u]) < flat_[l];
      }
      for (std::int64_t u = 0; u < units; ++u) {
        layer.zeros[first + u] += zeros[u];
        layer.saturated[first + u] += saturated[u];
        alive[first + u] |= fires[u];
      }
    });
    layer.alive.assign(alive.begin(), alive.end());
  }
}

Evaluation Evaluator::evaluate(const data::Split& split, std::span<const std::uint32_t> samples,
                               const data::Normalisation& normalisation, bool watch) {
  if (!watch) return measure(split, samples, normalisation, false, {});
  if (flat_.empty())  // searched for on a grid, so only when it is needed
    for (const graph::NodeId id : activations_) flat_.push_back(flat_slope(graph_.node(id)));
  std::vector<LayerActivity> layers;
  for (const graph::NodeId id : activations_) {
    const Shape& shape = graph_.node(id).type.shape;
    const auto n = static_cast<std::size_t>(shape.size());
    layers.push_back({.label = graph_.node(id).label,
                      .units = shape.size(),
                      .channels = shape.rank() == 0 ? 1 : shape.back(),
                      .zeros = std::vector<std::int64_t>(n),
                      .alive = std::vector<bool>(n),
                      .saturated = std::vector<std::int64_t>(n)});
  }
  return measure(split, samples, normalisation, true,
                 [&](const run::Plan& plan, Evaluation& result) {
                   if (result.layers.empty()) result.layers = std::move(layers);
                   watch_layers(plan, result);
                 });
}

Evaluation Evaluator::evaluate(const data::Split& split, std::span<const std::uint32_t> samples,
                               const data::Normalisation& normalisation,
                               const EvaluationObserver& observe) {
  return measure(split, samples, normalisation, true,
                 [&](const run::Plan& plan, Evaluation&) { observe(plan); });
}

// `look` sees the plan after each batch; with `watch` it kept the activations.
Evaluation Evaluator::measure(const data::Split& split, std::span<const std::uint32_t> samples,
                              const data::Normalisation& normalisation, bool watch,
                              const std::function<void(const run::Plan&, Evaluation&)>& look) {
  check_asked(split, samples);
  Evaluation result{.samples = samples.size()};
  RegressionTally tally(normalisation);
  result.confusion.assign(dataset_.classes(), std::vector<std::int64_t>(dataset_.classes()));
  for (std::size_t first = 0; first < samples.size(); first += full_batch_) {
    const auto part = samples.subspan(first, std::min(full_batch_, samples.size() - first));
    run::Plan& plan = plan_for(static_cast<std::int64_t>(part.size()), watch);
    const std::span<const float> outputs = answers(plan, part, split, normalisation);
    const double loss =
        views_.count() > 1 ? loss_of_means(part, split, normalisation) : plan.value(loss_)[0];
    count(outputs, loss, part, split, normalisation, result, tally);
    if (look) look(plan, result);
  }
  result.regression = tally.scores();
  if (samples.empty()) {
    result.loss = result.error = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  result.loss /= static_cast<double>(samples.size());
  result.error /= static_cast<double>(samples.size());
  if (split.labels.empty()) result.error = std::sqrt(result.error);
  return result;
}

std::vector<float> Evaluator::outputs_of(const std::string& label, const data::Split& split,
                                         std::span<const std::uint32_t> samples,
                                         const data::Normalisation& normalisation) {
  check_asked(split, samples);
  const graph::NodeId id = readable(label);
  std::vector<float> all;
  for (std::size_t first = 0; first < samples.size(); first += full_batch_) {
    const auto part = samples.subspan(first, std::min(full_batch_, samples.size() - first));
    run::Plan& plan = plan_for(static_cast<std::int64_t>(part.size()), true);
    const std::span<const float> outputs = answers(plan, part, split, normalisation);
    const std::span<const float> values = id == graph_.result ? outputs : plan.value(id);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

}  // namespace rectify::model
