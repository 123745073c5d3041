#include "rectify/pretrain/layer_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "rectify/pretrain/training_state.h"
#include "rectify/train/loop.h"
#include "rectify/train/optimise/schedule.h"

namespace rectify::pretrain {

using graph::NodeId;

LayerTrainer::LayerTrainer(const LayerSpec& layer, Below below, const Rows& rows,
                           std::span<const std::uint32_t> train,
                           std::span<const std::uint32_t> watched, const Options& options,
                           std::size_t number, ThreadPool& threads)
    : layer_(layer),
      below_(std::move(below)),
      rows_(rows),
      train_(train),
      watched_(watched),
      options_(options_of_layer(options, layer, number, layer.kind->learner(layer, below_).rate)),
      slow_epochs_(options.slow_epochs),
      number_(number),
      threads_(threads),
      learner_(layer.kind->learner(layer, below_)),
      layout_(learner_.objective.graph),
      parameters_(layout_.floats()) {
  const Random random(options_.seed, static_cast<std::uint32_t>(Stream::initialise),
                      static_cast<std::uint32_t>(number));
  layer.kind->start(layer, below_, rows.mean(train), random, layout_, parameters_.data());
  const std::size_t batch = std::min(static_cast<std::size_t>(options_.batch), train.size());
  if (const NodeId chain = learner_.objective.graph.find("chain"); chain >= 0)
    chain_.resize(batch *
                  static_cast<std::size_t>(learner_.objective.graph.node(chain).type.shape.size()));
  feed_ = std::make_unique<RowsFeed>(rows_, threads_, &chain_);
  step_ = std::make_unique<train::Step>(learner_.objective, layout_, parameters_.data(), options_,
                                        threads);
  step_->reserve(static_cast<std::int64_t>(batch));
}

std::optional<Machine> LayerTrainer::machine() const {
  if (!layer_.kind->machine) return {};
  return layer_.kind->machine(layer_, below_, layout_, parameters_.data());
}

std::optional<ConvolutionalMachine> LayerTrainer::convolutional() const {
  if (!layer_.kind->convolutional) return {};
  return layer_.kind->convolutional(layer_, below_, layout_, parameters_.data());
}

Passage LayerTrainer::up() const {
  return layer_.kind->up(layer_, below_, layout_, parameters_.data());
}

Passage LayerTrainer::down(double factor) const {
  return layer_.kind->down(layer_, below_, layout_, parameters_.data(), factor);
}

LayerTrainer::Encoder LayerTrainer::encoder() const {
  const Passage up = this->up();
  return network_of({&up, 1});
}

std::optional<Record> LayerTrainer::train_epoch(const ProgressCallback& progress,
                                                const StopCallback& stop) {
  const auto start = std::chrono::steady_clock::now();
  const auto order = data::epoch_order(train_, options_.seed, static_cast<std::uint32_t>(epoch_));
  const double momentum = train::with_usual_numbers(options_).momentum;
  constexpr double slow = 0.5;
  step_->optimiser().set_momentum(epoch_ < slow_epochs_ ? std::min(slow, momentum) : momentum);
  const train::Objective& objective = learner_.objective;
  double loss = 0;
  std::size_t seen = 0;
  const auto after_batch = [&](const run::Plan& plan, std::span<const std::uint32_t> samples) {
    if (!objective.losses.empty())
      loss += plan.value(objective.losses[0])[0] * static_cast<double>(samples.size());
    seen += samples.size();
    if (!chain_.empty()) std::ranges::copy(plan.value(objective.graph.result), chain_.begin());
  };
  const auto rate = [this](double done) { return train::rate_at(options_, done); };
  const train::EpochTask task{.epoch = epoch_,
                              .epochs = options_.epochs,
                              .samples = order,
                              .samples_a_step = static_cast<std::size_t>(options_.batch),
                              .rate = rate};
  const ProgressCallback shown = [&](Progress p) {
    p.text = concat("layer ", number_ + 1, ", ", p.text);
    if (progress) progress(p);
  };
  if (!train::run_epoch(task, *step_, *feed_, {.batch = after_batch}, shown, stop)) return {};
  ++epoch_;
  Record record{.layer = static_cast<int>(number_) + 1, .epoch = epoch_, .lr = rate(epoch_ - 1)};
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!objective.losses.empty()) record.loss = loss / static_cast<double>(seen);
  judge(record);
  return record;
}

// The objective's own plan, without a step.
double LayerTrainer::watched_loss() {
  const train::Objective& objective = learner_.objective;
  const auto n = std::min<std::size_t>(static_cast<std::size_t>(options_.batch), watched_.size());
  run::Plan plan(objective.graph, layout_, parameters_.data(), threads_,
                 {.batch = static_cast<std::int64_t>(n),
                  .training = true,
                  .keep = {objective.losses[0]},
                  .arena = step_->arena()});
  double sum = 0;
  std::size_t first = 0;
  for (; first + n <= watched_.size(); first += n) {
    feed_->fill(plan, objective.graph, watched_.subspan(first, n));
    plan.run({.seed = options_.seed, .step = static_cast<std::uint32_t>(first)});
    sum += plan.value(objective.losses[0])[0];
  }
  return sum / static_cast<double>(first / n);
}

void LayerTrainer::judge(Record& record) {
  constexpr std::size_t enough = 2000;
  const auto held = watched_.first(std::min(enough, watched_.size()));
  if (record.loss) record.validation_loss = watched_loss();
  const std::vector<float> rows = rows_.of(held);
  const Encoder encoder = this->encoder();
  std::vector<std::uint32_t> all(held.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  const std::vector<float> outputs =
      Rows(rows, rows_.width())
          .through(encoder.graph, encoder.layout, encoder.parameters.data(), threads_)
          .of(all);
  for (const float y : outputs) {
    record.mean_activity += y / static_cast<double>(outputs.size());
    record.zeros += (y == 0) / static_cast<double>(outputs.size());
  }
  const std::vector<float> as_many = rows_.of(train_.first(std::min(held.size(), train_.size())));
  const auto measure = [&](const auto& machine) {
    if (!machine || !has_free_energy(*machine)) return;
    const auto mean = [&](std::span<const float> of) {
      double sum = 0;
      const std::vector<double> energies = free_energies(*machine, of, threads_);
      for (const double energy : energies) sum += energy;
      return sum / static_cast<double>(energies.size());
    };
    record.free_energy_gap = mean(rows) - mean(as_many);
  };
  measure(machine());
  measure(convolutional());
}

void LayerTrainer::put_state(model::TensorFile& file, const std::string& prefix) const {
  put_training(file, prefix, layout_, parameters_.data(), *step_, epoch_);
  if (!chain_.empty())
    file.tensors[prefix + "chain"] = {Shape{static_cast<std::int64_t>(chain_.size())}, chain_};
}

void LayerTrainer::take_state(const model::TensorFile& file, const std::string& prefix) {
  epoch_ = take_training(file, prefix, layout_, parameters_.data(), *step_);
  if (chain_.empty()) return;
  const auto chain = file.tensors.find(prefix + "chain");
  if (chain == file.tensors.end() || chain->second.values.size() != chain_.size())
    fail("the saved state lacks '", prefix, "chain'");
  chain_ = chain->second.values;
}

}  // namespace rectify::pretrain
