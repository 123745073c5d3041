#include "rectify/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/model/errors.h"
#include "rectify/model/fill.h"
#include "rectify/model/loss.h"
#include "rectify/model/weights.h"
#include "rectify/train/fit.h"
#include "rectify/train/initialise.h"
#include "rectify/train/optimise/schedule.h"
#include "rectify/train/whitening.h"

namespace rectify::train {

using graph::NodeId;

namespace {

using Clock = std::chrono::steady_clock;

/// Every how many steps of an epoch the gradients' norms are taken, which needs them stored.
constexpr std::size_t watch_every = 64;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
}

/// A batch of one sample has no variance. Found before training, not at the end of its first epoch.
void refuse_single_samples(const graph::Graph& graph, std::size_t samples, std::int64_t batch) {
  const auto size = static_cast<std::size_t>(batch);
  if (samples % size != 1 && size != 1) return;
  for (const NodeId id : graph.all("batch_norm_statistics")) {
    const NodeId x = graph.node(id).inputs[0];
    if (graph.node(x).type.shape.size() > graph::last_extent(graph, x)) continue;
    fail("batch_norm needs 2 samples in a batch, but ", samples, " training samples in batches of ",
         batch, size == 1 ? " come one by one" : " leave 1 for the last batch",
         "; take another --batch, or layer_norm");
  }
}

void refuse_one_class(const data::Dataset& dataset) {
  const std::vector<std::int32_t>& labels = dataset.train.labels;
  if (labels.size() > 1 && std::ranges::adjacent_find(labels, std::not_equal_to{}) == labels.end())
    fail("all training samples of ", dataset.spec, " have the same class, '",
         dataset.class_names[static_cast<std::size_t>(labels[0])], "': there is nothing to learn");
}

}  // namespace

/// What the steps of an epoch add up to.
struct Trainer::StepSums {
  double loss = 0, error = 0, ratio = 0;
  std::vector<double> gradients;
  std::size_t samples = 0, watched = 0;
};

Trainer::Trainer(Options options, const data::Dataset& dataset, ThreadPool& threads, bool fused)
    : options_((check(options), std::move(options))),
      dataset_(dataset),
      threads_(threads),
      partition_(data::hold_out(dataset.train, options_.validation, options_.split_seed)),
      model_(options_.model),
      gradients_(model_.layout.floats()),
      best_parameters_(model_.layout.floats()),
      optimiser_(options_, model_.layout, threads),
      // Clipping needs the norm before the first update, a sum of batches the whole gradient.
      fused_(fused && options_.clip_norm == 0 && options_.accumulate == 1),
      sinks_(model_.layout.slots().size()) {
  refuse_one_class(dataset);
  refuse_single_samples(model_.graph, partition_.train.size(), options_.batch);
  if (options_.precision == "bf16" && !run::has_bfloat16_products())
    fail(
        "this processor has no products of bfloat16 (AVX512-BF16, AMX), so that --precision bf16 "
        "would only be slower; leave it out");
  if (options_.precision == "bf16")
    rounded_ = std::make_unique<run::RoundedParameters>(model_.layout);
  model_.loss = model::resolve_loss(model_.graph, dataset, options_.loss);
  check_fit(options_, model_, dataset, model_.loss);
  model_.class_names = dataset.class_names;
  model_.columns = dataset.columns;
  model_.normalisation = data::normalisation_of(dataset, partition_.train, threads);
  initialise(model_.graph, model_.layout, options_.seed, options_.init, threads,
             model_.parameters.data());
  whiten(model_, dataset, partition_.train, options_.init, threads);

  if (options_.accumulate > 1) sum_ = Buffer(model_.layout.floats());
  if (options_.ema > 0) {
    average_ = std::make_unique<Average>(options_.ema, model_.layout.floats(), threads);
    average_->begin(model_.parameters.data());
  }
  if (const data::Augmentation how = data::parse_augment(options_.augment); how.any())
    augmenter_ = std::make_unique<data::Augmenter>(how, options_.seed, dataset.sample_shape);
  if (options_.mixup > 0)
    mixup_ =
        std::make_unique<Mixup>(options_.mixup, options_.seed, dataset, partition_.train, threads);

  training_ = model_.graph;
  losses_.push_back(model::add_loss(training_, model_.loss, dataset.classes() > 0 && !mixup_,
                                    options_.label_smoothing));
  if (options_.l1 > 0)
    for (const NodeId id : graph::activations(model_.graph)) {
      graph::Attributes attributes;
      attributes.set("weight", options_.l1);
      losses_.push_back(training_.add("l1_penalty", {id}, attributes));
    }
  gradient_of_ = pass::differentiate(training_, losses_);
  next_states_ = pass::advance(training_);
  if (options_.accumulate > 1 && !next_states_.empty()) before_ = Buffer(model_.layout.floats());

  for (std::size_t i = 0; i < model_.layout.slots().size(); ++i) {
    const run::ParameterSlot& slot = model_.layout.slots()[i];
    const auto gradient = gradient_of_.find(slot.node);
    sinks_[i] = optimiser_.takes_parts(i) && gradient != gradient_of_.end() &&
                run::Plan::can_sink(training_.node(gradient->second)) &&
                training_.users(gradient->second).empty();
    if (slot.shape.rank() >= 2) weights_.push_back(i);
  }
  const auto largest =
      std::min<std::int64_t>(options_.batch, static_cast<std::int64_t>(partition_.train.size()));
  arena_->reserve(std::max(run::Plan::arena_floats(training_, plan_options(largest, false)),
                           run::Plan::arena_floats(training_, plan_options(largest, fused_))));
  evaluator_ = std::make_unique<model::Evaluator>(model_.graph, model_.layout, evaluated().data(),
                                                  model_.loss, dataset, threads, arena_);
  best_evaluator_ = std::make_unique<model::Evaluator>(
      model_.graph, model_.layout, best_parameters_.data(), model_.loss, dataset, threads, arena_);
}

Trainer::~Trainer() = default;

std::vector<std::string> Trainer::take_weights() {
  if (options_.weights.empty()) return {};
  auto missing = model::take_weights(options_.weights, model_.layout, model_.parameters.data());
  if (average_) average_->begin(model_.parameters.data());
  return missing;
}

run::PlanOptions Trainer::plan_options(std::int64_t batch, bool fused) {
  run::PlanOptions options{
      .batch = batch, .training = true, .keep = {training_.result}, .arena = arena_};
  options.keep.insert(losses_.begin(), losses_.end());
  for (const auto& [state, next] : next_states_) options.keep.insert(next);
  options.fuse = fused;
  options.bfloat16 = rounded_ != nullptr;
  options.rounded = rounded_.get();
  float* const parameters = model_.parameters.data();
  for (std::size_t i = 0; i < model_.layout.slots().size(); ++i) {
    const run::ParameterSlot& slot = model_.layout.slots()[i];
    if (!gradient_of_.contains(slot.node)) continue;
    const NodeId gradient = gradient_of_.at(slot.node);
    if (fused && sinks_[i]) {
      options.sinks[gradient] = [this, parameters, i, offset = slot.offset](
                                    std::size_t first, std::size_t count, const float* part) {
        optimiser_.update(parameters, i, first, count, part);
        if (rounded_) rounded_->update(parameters, offset + first, count);
      };
    } else {
      options.bound[gradient] = gradients_.data() + slot.offset;
    }
  }
  return options;
}

run::Plan& Trainer::plan_for(std::int64_t batch, bool fused) {
  auto& plan = plans_[{batch, fused}];
  if (!plan)
    plan = std::make_unique<run::Plan>(training_, model_.layout, model_.parameters.data(), threads_,
                                       plan_options(batch, fused));
  return *plan;
}

bool Trainer::finished() const {
  if (epoch_ >= options_.epochs) return true;
  return options_.patience > 0 && epoch_ - best_epoch_ >= options_.patience;
}

bool Trainer::train_epoch(const ProgressCallback& progress, const StopCallback& stop) {
  const auto start = Clock::now();
  const auto order =
      data::epoch_order(partition_.train, options_.seed, static_cast<std::uint32_t>(epoch_));
  const std::span<const std::uint32_t> rows(order);
  if (augmenter_) augmenter_->begin_epoch(static_cast<std::uint32_t>(epoch_));
  if (mixup_) mixup_->begin_epoch(static_cast<std::uint32_t>(epoch_));
  const auto batch = static_cast<std::size_t>(options_.batch) * options_.accumulate;
  const int falls = plateau_falls(options_, history_);
  const std::size_t steps = (rows.size() + batch - 1) / batch;
  StepSums sums{.gradients = std::vector<double>(weights_.size())};
  round_parameters(std::vector<bool>(sinks_.size()));
  const double first_rate = rate_at(options_, epoch_, falls);
  for (std::size_t s = 0; s < steps; ++s) {
    if (stop && stop()) return false;
    const double done = epoch_ + static_cast<double>(s) / static_cast<double>(steps);
    const auto part = rows.subspan(s * batch, std::min(batch, rows.size() - s * batch));
    const double lr = rate_at(options_, done, falls);
    if (options_.accumulate > 1) {
      take_accumulated_step(part, lr, sums);
    } else {
      const bool store = watching_ && s % watch_every == 0;
      const run::Plan* taken = store ? nullptr : take_fused_step(part, lr);
      if (!taken) taken = &take_step(part, lr, sums);
      if (watching_) count(*taken, part, sums);
    }
    if (average_) average_->update(model_.parameters.data(), optimiser_.steps());
    if (progress)
      progress({.text = concat("epoch ", epoch_ + 1, " of ", options_.epochs),
                .done = (done + 1.0 / static_cast<double>(steps)) / options_.epochs});
  }
  const auto n = static_cast<double>(std::max<std::size_t>(1, sums.watched));
  const auto samples = static_cast<double>(std::max<std::size_t>(1, sums.samples));
  EpochRecord record{.epoch = epoch_ + 1,
                     .lr = first_rate,
                     .train_loss = sums.loss / samples,
                     .train_error = sums.error / samples,
                     .seconds = seconds_since(start),
                     .gradient_ratio = sums.ratio / n};
  if (dataset_.classes() == 0) record.train_error = std::sqrt(record.train_error);
  for (std::size_t i = 0; i < weights_.size(); ++i)
    record.gradients.push_back({model_.layout.slots()[weights_[i]].label, sums.gradients[i] / n});
  finish_epoch(std::move(record));
  return true;
}

const run::Plan& Trainer::take_step(std::span<const std::uint32_t> rows, double lr,
                                    StepSums& sums) {
  run::Plan& plan = plan_for(static_cast<std::int64_t>(rows.size()), false);
  fill_batch(plan, rows);
  plan.run({.seed = options_.seed, .step = step_});
  const GradientNorms norms = optimiser_.norms(gradients_.data());
  if (!std::isfinite(norms.total) || !losses_are_finite(plan) || !next_states_are_finite(plan))
    report_non_finite(rows, step_);
  step_by(gradients_.data(), norms, lr);
  commit_states(plan);
  ++step_;
  add_norms(norms, sums);
  return plan;
}

// One step from gradients that are stored and finite.
void Trainer::step_by(const float* gradients, const GradientNorms& norms, double lr) {
  const bool clip = options_.clip_norm > 0 && norms.total > options_.clip_norm;
  optimiser_.step(model_.parameters.data(), gradients, lr,
                  clip ? options_.clip_norm / norms.total : 1.0);
  round_parameters(std::vector<bool>(sinks_.size()));
}

void Trainer::add_norms(const GradientNorms& norms, StepSums& sums) const {
  ++sums.watched;
  for (std::size_t i = 0; i < weights_.size(); ++i)
    sums.gradients[i] += norms.parameters[weights_[i]];
  if (!weights_.empty())
    sums.ratio +=
        norms.parameters[weights_.front()] / std::max(norms.parameters[weights_.back()], 1e-300);
}

void Trainer::fill_batch(run::Plan& plan, std::span<const std::uint32_t> rows) {
  if (mixup_) return mixup_->fill(plan, training_, rows, model_.normalisation, augmenter_.get());
  model::fill(plan, training_, dataset_, dataset_.train, rows, model_.normalisation, threads_);
  if (!augmenter_) return;
  float* const input = plan.input(training_.find("input"));
  threads_.run(rows.size(),
               [&](std::size_t i) { augmenter_->apply(rows[i], input + i * dataset_.features()); });
}

// Null, with nothing changed, when fused steps are off or it is not sure that all is finite.
const run::Plan* Trainer::take_fused_step(std::span<const std::uint32_t> rows, double lr) {
  if (!fused_) return nullptr;
  run::Plan& plan = plan_for(static_cast<std::int64_t>(rows.size()), true);
  fill_batch(plan, rows);
  plan.run({.seed = options_.seed, .step = step_});
  if (!losses_are_finite(plan) || !next_states_are_finite(plan) || !plan.sinks_stay_finite() ||
      !stored_gradients_are_finite())
    return nullptr;
  optimiser_.begin(lr, 1.0);
  plan.run_sinks();
  optimiser_.update_all(model_.parameters.data(), gradients_.data(), sinks_);
  optimiser_.end(model_.parameters.data());
  commit_states(plan);
  round_parameters(options_.max_norm > 0 ? std::vector<bool>(sinks_.size()) : sinks_);
  ++step_;
  return &plan;
}

// All weights but those that `done` says.
void Trainer::round_parameters(const std::vector<bool>& done) {
  if (!rounded_) return;
  for (const std::size_t i : weights_) {
    const run::ParameterSlot& slot = model_.layout.slots()[i];
    if (!done[i]) rounded_->update(model_.parameters.data(), slot.offset, slot.size);
  }
}

bool Trainer::stored_gradients_are_finite() const {
  for (std::size_t i = 0; i < sinks_.size(); ++i) {
    const run::ParameterSlot& slot = model_.layout.slots()[i];
    if (!sinks_[i] && !all_finite({gradients_.data() + slot.offset, slot.size})) return false;
  }
  return true;
}

bool Trainer::losses_are_finite(const run::Plan& plan) const {
  return std::ranges::all_of(losses_,
                             [&](NodeId loss) { return std::isfinite(plan.value(loss)[0]); });
}

bool Trainer::next_states_are_finite(const run::Plan& plan) const {
  return std::ranges::all_of(next_states_,
                             [&](const auto& pair) { return all_finite(plan.value(pair.second)); });
}

// Of a step that is taken.
void Trainer::commit_states(const run::Plan& plan) {
  for (const auto& [state, next] : next_states_)
    std::ranges::copy(plan.value(next),
                      model_.parameters.data() + model_.layout.slot_of(state).offset);
}

void Trainer::count(const run::Plan& plan, std::span<const std::uint32_t> rows,
                    StepSums& sums) const {
  sums.samples += rows.size();
  sums.loss += static_cast<double>(plan.value(losses_[0])[0]) * static_cast<double>(rows.size());
  const std::span<const float> outputs = plan.value(training_.result);
  const std::size_t width = outputs.size() / rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!dataset_.train.labels.empty()) {
      sums.error += model::wrong_share(outputs.subspan(i * width, width),
                                       model::labels_of(dataset_.train, rows[i]), model_.loss);
      continue;
    }
    sums.error += model::squared_error(
        outputs.subspan(i * width, width),
        std::span(dataset_.train.targets).subspan(rows[i] * width, width), model_.normalisation);
  }
}

// Runs the same batch again with every value kept, and looks for the first that is not finite: on
// the way forward, then, since gradient nodes follow in the order of the way back, backward.
void Trainer::report_non_finite(std::span<const std::uint32_t> rows, std::uint32_t step) {
  run::PlanOptions options{.batch = static_cast<std::int64_t>(rows.size()), .training = true};
  options.bfloat16 = rounded_ != nullptr;
  for (NodeId id = 0; id < training_.size(); ++id) options.keep.insert(id);
  run::Plan plan(training_, model_.layout, model_.parameters.data(), threads_, options);
  fill_batch(plan, rows);
  plan.run({.seed = options_.seed, .step = step});
  for (NodeId id = 0; id < training_.size(); ++id) {
    const graph::Node& node = training_.node(id);
    if (node.label == "target" || all_finite(plan.value(id))) continue;
    const bool gradient = node.label.starts_with("d_");
    const std::string place = gradient                ? "the gradient " + node.label.substr(2)
                              : node.label == "input" ? "the data"
                                                      : node.label;
    throw NonFinite(concat("training went non-finite in epoch ", epoch_ + 1, ", step ", step + 1,
                           ": ", place,
                           " is the first that is not a finite number; the step was "
                           "not taken. Try a lower --lr, --warmup 1, or --clip-norm 1"));
  }
  throw NonFinite(concat("training went non-finite in epoch ", epoch_ + 1, ", step ", step + 1,
                         ": the gradient's norm overflows; the step was not taken. Try a lower "
                         "--lr, --warmup 1, or --clip-norm 1"));
}

void Trainer::finish_epoch(EpochRecord record) {
  const model::Evaluation e =
      evaluator_->evaluate(dataset_.train, partition_.watched, model_.normalisation, true);
  if (!std::isfinite(e.loss))
    throw NonFinite(concat("training went non-finite at the end of epoch ", epoch_ + 1,
                           ": the loss on validation is not a finite number. Try a lower --lr, "
                           "--warmup 1, or --clip-norm 1"));
  record.validation_loss = e.loss;
  record.validation_error = e.error;
  for (const model::LayerActivity& layer : e.layers)
    record.layers.push_back({layer.label,
                             graph::feeding_weight(model_.graph, model_.graph.find(layer.label)),
                             layer.zero_share(e.samples), layer.dead_share()});
  ++epoch_;
  const bool better =
      best_epoch_ == 0 || e.error < best_error_ || (e.error == best_error_ && e.loss < best_loss_);
  if (better) {
    best_epoch_ = epoch_;
    best_error_ = e.error;
    best_loss_ = e.loss;
    std::ranges::copy(evaluated().span(), best_parameters_.data());
  }
  history_.push_back(std::move(record));
}

model::Model Trainer::model_with(const Buffer& parameters) const {
  model::Model model(model_.graph);
  std::ranges::copy(parameters.span(), model.parameters.data());
  model.normalisation = model_.normalisation;
  model.class_names = model_.class_names;
  model.columns = model_.columns;
  model.loss = model_.loss;
  return model;
}

model::Evaluation Trainer::evaluate_test(bool best) {
  return (best ? best_evaluator_ : evaluator_)
      ->evaluate(dataset_.test, model::all_rows(dataset_.test.count), model_.normalisation, false);
}

model::Evaluation Trainer::evaluate_validation(bool best) {
  return (best ? best_evaluator_ : evaluator_)
      ->evaluate(dataset_.train, partition_.watched, model_.normalisation, true);
}

std::vector<float> Trainer::best_outputs_of(const std::string& label,
                                            std::span<const std::uint32_t> rows) {
  return best_evaluator_->outputs_of(label, dataset_.train, rows, model_.normalisation);
}

}  // namespace rectify::train
