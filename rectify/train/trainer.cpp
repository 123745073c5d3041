#include "rectify/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "rectify/graph/activate.h"
#include "rectify/graph/norm.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/model/weights.h"
#include "rectify/train/certify/certified_feed.h"
#include "rectify/train/class_weights.h"
#include "rectify/train/initial_model.h"
#include "rectify/train/optimise/schedule.h"

namespace rectify::train {

namespace {

using Clock = std::chrono::steady_clock;

/// The options with the network's text in place of a name of the zoo.
Options checked_options(Options options) {
  check(options);
  if (options.model.find(':') == std::string::npos)
    options.model = graph::model_text(graph::parse_model(graph::network_text(options.model)));
  return options;
}

const data::Dataset& checked_data(const data::Dataset& dataset) {
  data::check(dataset);
  const data::Split& train = dataset.train;
  if (train.count > 0 && train.labels.empty() && train.targets.empty())
    fail("the training samples of ", dataset.spec, " have neither labels nor targets; give them ",
         dataset.classes() > 0 ? "labels" : "targets", ", or pretrain on them");
  return dataset;
}

/// A batch of one sample has no variance. Found before training, not at the end of its first epoch.
void refuse_single_samples(const graph::Graph& graph, std::size_t samples, std::int64_t batch) {
  const auto size = static_cast<std::size_t>(batch);
  if ((samples % size != 1 && size != 1) || !graph::needs_two_samples(graph)) return;
  fail("batch_norm needs 2 samples in a batch, but ", samples, " training samples in batches of ",
       batch, size == 1 ? " come one by one" : " leave 1 for the last batch",
       "; take another --batch, or layer_norm");
}

void refuse_one_class(const data::Dataset& dataset) {
  const std::vector<std::int32_t>& labels = dataset.train.labels;
  if (labels.size() > 1 && std::ranges::adjacent_find(labels, std::not_equal_to{}) == labels.end())
    fail("all training samples of ", dataset.spec, " have the same class, '",
         dataset.class_names[static_cast<std::size_t>(labels[0])], "': there is nothing to learn");
}

void refuse_slow_bfloat16(const Options& options) {
  if (options.precision == Precision::bf16 && !run::has_bfloat16_products())
    fail(
        "this processor has no products of bfloat16 (AVX512-BF16, AMX), so that --precision bf16 "
        "would only be slower; leave it out");
}

Supervision objective_of(const Options& options, const model::Model& model,
                         const data::Dataset& dataset) {
  Supervision how = supervision_of(options, model, dataset);
  how.certify = options.certify > 0;
  return how;
}

std::unique_ptr<Feed> feed_of(const Options& options, const data::Dataset& dataset,
                              std::span<const std::uint32_t> samples, model::Model& model,
                              ThreadPool& threads) {
  if (options.certify > 0)
    return std::make_unique<CertifiedFeed>(options, dataset, samples, model,
                                           model.parameters.data(), threads);
  return std::make_unique<DatasetFeed>(options, dataset, samples, model.normalisation, threads);
}

/// initial_model(), after a look at what cannot be trained on.
model::Model checked_model(const Options& options, const data::Dataset& dataset,
                           std::span<const std::uint32_t> rows, ThreadPool& threads) {
  refuse_one_class(dataset);
  refuse_single_samples(graph::parse_model(options.model), rows.size(), options.batch);
  refuse_slow_bfloat16(options);
  return initial_model(options, dataset, rows, threads);
}

}  // namespace

Trainer::Trainer(Options options, const data::Dataset& dataset, ThreadPool& threads, bool fused,
                 std::optional<data::Partition> parts)
    : options_(checked_options(std::move(options))),
      dataset_(checked_data(dataset)),
      threads_(threads),
      partition_(parts ? data::completed(std::move(*parts), dataset.train)
                       : data::hold_out(dataset.train, options_.validation, options_.split_seed)),
      model_(checked_model(options_, dataset, partition_.train, threads)),
      objective_(supervised(model_.graph, objective_of(options_, model_, dataset))),
      feed_(feed_of(options_, dataset, partition_.train, model_, threads)),
      meter_(objective_, model_, dataset),
      step_(std::make_unique<Step>(objective_, model_.layout, model_.parameters.data(), options_,
                                   threads, StepOptions{.fused = fused})),
      best_parameters_(model_.layout.floats()),
      class_weights_(class_weights(options_.class_weights, dataset_, partition_.train)) {
  if (options_.ema > 0) {
    average_ = std::make_unique<Average>(options_.ema, model_.layout.floats(), threads);
    average_->begin(model_.parameters.data());
  }
  best_is_the_start();
  step_->reserve(
      std::min<std::int64_t>(options_.batch, static_cast<std::int64_t>(partition_.train.size())));
  const auto evaluator_of = [&](Buffer& parameters) {
    return std::make_unique<model::Evaluator>(model_.graph, model_.layout, parameters.data(),
                                              model_.loss, dataset, threads, step_->arena());
  };
  evaluator_ = evaluator_of(evaluated());
  best_evaluator_ = evaluator_of(best_parameters_);
  if (!class_weights_.empty())
    weighted_loss_ = std::make_unique<WeightedLoss>(model_, evaluated().data(), dataset,
                                                    class_weights_, threads);
  if (options_.certify == 0) return;
  const auto certified = [&](Buffer& parameters) {
    return std::make_unique<CertifiedError>(model_, parameters.data(), dataset, options_.certify,
                                            threads, options_.certify_share);
  };
  certified_ = certified(evaluated());
  best_certified_ = certified(best_parameters_);
}

std::vector<std::string> Trainer::take_weights() {
  if (options_.weights.empty()) return {};
  auto missing = model::take_weights(options_.weights, model_.layout, model_.parameters.data());
  if (average_) average_->begin(model_.parameters.data());
  best_is_the_start();
  return missing;
}

void Trainer::best_is_the_start() {
  std::ranges::copy(evaluated().span(), best_parameters_.data());
}

bool Trainer::finished() const {
  if (epoch_ >= options_.epochs) return true;
  return options_.patience > 0 && epoch_ - best_epoch_ >= options_.patience;
}

bool Trainer::train_epoch(const ProgressCallback& progress, const StopCallback& stop) {
  if (epoch_ >= options_.epochs)
    fail("all ", options_.epochs,
         " epochs have been trained; ask Trainer::finished() before each "
         "train_epoch(), or restore() the state in a Trainer of more epochs");
  if (epoch_ > 0 && alive_.empty())
    for (const model::LayerActivity& layer : evaluate_validation(false).layers)
      alive_.push_back(layer.living_channels());
  const auto start = Clock::now();
  const auto order =
      data::epoch_order(partition_.train, options_.seed, static_cast<std::uint32_t>(epoch_));
  const auto rate = [this, falls = plateau_falls(options_, history_)](double done) {
    return rate_at(options_, done, falls);
  };
  LoopObservers observers;
  if (watching_)
    observers = {.batch = [&](const auto& plan, auto rows) { meter_.add_batch(plan, rows); },
                 .norms = [&](const GradientNorms& norms) { meter_.add_norms(norms); }};
  if (average_)
    observers.step = [&] {
      average_->update(model_.parameters.data(), step_->optimiser().steps());
    };
  meter_.begin_epoch();
  const EpochTask task{.epoch = epoch_,
                       .epochs = options_.epochs,
                       .samples = order,
                       .samples_a_step = static_cast<std::size_t>(options_.batch) *
                                         static_cast<std::size_t>(options_.accumulate),
                       .rate = rate};
  const auto record = [&] {
    const std::chrono::duration<double> passed = Clock::now() - start;
    return record_of_steps(rate(epoch_), passed.count());
  };
  try {
    if (!run_epoch(task, *step_, *feed_, observers, progress, stop)) return false;
    finish_epoch(record());
  } catch (const NonFinite&) {
    broken_epoch_ = record();
    broken_epoch_->validation_loss = broken_epoch_->validation_error = std::nan("");
    throw;
  }
  return true;
}

EpochRecord Trainer::record_of_steps(double lr, double seconds) const {
  EpochRecord record{.epoch = epoch_ + 1, .lr = lr};
  meter_.put_into(record);
  record.seconds = seconds;
  return record;
}

// Which units died or revived follows from the epoch before; of a run that is resumed it was looked
// at before this epoch.
void Trainer::record_layers(const model::Evaluation& e, EpochRecord& record) {
  std::vector<std::vector<bool>> alive;
  for (const model::LayerActivity& layer : e.layers) {
    record.layers.push_back({layer.label,
                             graph::feeding_weight(model_.graph, model_.graph.find(layer.label)),
                             layer.zero_share(e.samples), layer.dead_share(),
                             layer.dead_channel_share(), layer.saturated_share(e.samples)});
    alive.push_back(layer.living_channels());
    if (alive_.size() != e.layers.size()) continue;
    const std::vector<bool>&now = alive.back(), &before = alive_[alive.size() - 1];
    std::int64_t died = 0, revived = 0;
    for (std::size_t c = 0; c < now.size(); ++c) {
      died += before[c] && !now[c];
      revived += !before[c] && now[c];
    }
    record.layers.back().died = died;
    record.layers.back().revived = revived;
  }
  alive_ = std::move(alive);
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
  if (weighted_loss_) {
    record.weighted_loss = weighted_loss_->of(dataset_.train, partition_.watched);
    record.weighted_error = weighted_error(e.confusion, class_weights_);
  }
  if (certified_)
    (options_.certify_share < 1 ? record.box_error : record.certified_error) =
        certified_->of(dataset_.train, partition_.watched);
  record_layers(e, record);
  ++epoch_;
  const double error = record.judged_error(), loss = record.judged_loss();
  const bool better =
      best_epoch_ == 0 || error < best_error_ || (error == best_error_ && loss < best_loss_);
  if (better) {
    best_epoch_ = epoch_;
    best_error_ = error;
    best_loss_ = loss;
    std::ranges::copy(evaluated().span(), best_parameters_.data());
  }
  history_.push_back(std::move(record));
}

// Older programs chose the best epoch of a run with class weights by figures without them, which
// later epochs cannot be held against.
void Trainer::judge_best_by_class() {
  const model::Evaluation e = evaluate_validation(true);
  WeightedLoss loss(model_, best_parameters_.data(), dataset_, class_weights_, threads_);
  best_error_ = weighted_error(e.confusion, class_weights_);
  best_loss_ = loss.of(dataset_.train, partition_.watched);
}

model::Model Trainer::model_with(const Buffer& parameters) const {
  model::Model model(model_.graph);
  std::ranges::copy(parameters.span(), model.parameters.data());
  model::copy_purpose(model_, model);
  return model;
}

model::Evaluation Trainer::evaluate_test(bool best) {
  return (best ? best_evaluator_ : evaluator_)
      ->evaluate(dataset_.test, model::all_samples(dataset_.test.count), model_.normalisation,
                 true);
}

model::Evaluation Trainer::evaluate_validation(bool best) {
  return (best ? best_evaluator_ : evaluator_)
      ->evaluate(dataset_.train, partition_.watched, model_.normalisation, true);
}

std::optional<double> Trainer::certified_test_error(bool best) {
  if (!certified_ || options_.certify_share < 1) return {};
  return (best ? best_certified_ : certified_)
      ->of(dataset_.test, model::all_samples(dataset_.test.count));
}

std::vector<float> Trainer::best_outputs_of(const std::string& label,
                                            std::span<const std::uint32_t> rows) {
  return best_evaluator_->outputs_of(label, dataset_.train, rows, model_.normalisation);
}

std::vector<float> Trainer::best_test_outputs(std::span<const std::uint32_t> rows) {
  const std::string& label = model_.graph.node(model_.graph.result).label;
  return best_evaluator_->outputs_of(label, dataset_.test, rows, model_.normalisation);
}

}  // namespace rectify::train
