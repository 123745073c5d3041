#include "rectify/pretrain/unrolled.h"

#include <algorithm>
#include <chrono>

#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/pretrain/rows_feed.h"
#include "rectify/pretrain/training_state.h"
#include "rectify/train/loop.h"
#include "rectify/train/optimise/schedule.h"

namespace rectify::pretrain {

namespace {

using graph::NodeId;

std::vector<Passage> passages_up(Layers layers) {
  std::vector<Passage> passages;
  for (const auto& layer : layers) passages.push_back(layer->up());
  return passages;
}

std::vector<Passage> passages_up_and_down(Layers layers) {
  std::vector<Passage> passages = passages_up(layers);
  for (std::size_t i = layers.size(); i-- > 0;)
    passages.push_back(
        layers[i]->down(i + 1 < layers.size() ? layers[i + 1]->learner().factor : 1));
  return passages;
}

/// Where the answers are probabilities the loss is the cross-entropy, made from the numbers before
/// the last activation, otherwise the squared error.
train::Objective to_reproduce(const std::string& both) {
  constexpr std::string_view probabilities = " | sigmoid";
  const bool cross_entropy = both.ends_with(probabilities);
  graph::Graph graph =
      graph::parse_model(cross_entropy ? both.substr(0, both.size() - probabilities.size()) : both);
  const NodeId loss = graph.add(cross_entropy ? "sigmoid_cross_entropy" : "squared_error",
                                {graph.result, graph.find("input")});
  return train::minimise(std::move(graph), {loss});
}

train::Options options_for_unrolled(const Options& options, std::size_t layers) {
  train::Options own = options.train;
  own.seed += layers;
  own.epochs = options.unroll;
  own.optimizer = "adam";
  own.lr = options.unroll_lr;
  own.momentum = own.beta2 = -1;
  own.weight_decay = 0;
  own.schedule = train::Schedule::cosine;
  return own;
}

}  // namespace

model::Model way_up(Layers layers) { return network_of(passages_up(layers)); }

model::Model way_up_and_down(Layers layers) { return network_of(passages_up_and_down(layers)); }

Unrolled::Unrolled(Layers layers, const Rows& samples, std::span<const std::uint32_t> train,
                   std::span<const std::uint32_t> watched, const Options& options,
                   ThreadPool& threads)
    : up_(graph::model_text(way_up(layers).graph)),
      both_(graph::model_text(way_up_and_down(layers).graph)),
      rows_(samples),
      train_(train),
      watched_(watched),
      options_(options_for_unrolled(options, layers.size())),
      threads_(threads),
      objective_(to_reproduce(both_)),
      layout_(objective_.graph),
      parameters_(way_up_and_down(layers).parameters),
      feed_(std::make_unique<RowsFeed>(rows_, threads_)),
      step_(std::make_unique<train::Step>(objective_, layout_, parameters_.data(), options_,
                                          threads_)) {
  step_->reserve(
      static_cast<std::int64_t>(std::min(static_cast<std::size_t>(options_.batch), train_.size())));
}

std::optional<Record> Unrolled::train_epoch(const ProgressCallback& progress,
                                            const StopCallback& stop) {
  const auto start = std::chrono::steady_clock::now();
  const auto order = data::epoch_order(train_, options_.seed, static_cast<std::uint32_t>(epoch_));
  double loss = 0;
  const auto after_batch = [&](const run::Plan& plan, std::span<const std::uint32_t> samples) {
    loss += plan.value(objective_.losses[0])[0] * static_cast<double>(samples.size());
  };
  const auto rate = [this](double done) { return train::rate_at(options_, done); };
  const ProgressCallback shown = [&](Progress p) {
    p.text = "unrolled, " + p.text;
    if (progress) progress(p);
  };
  const train::EpochTask task{.epoch = epoch_,
                              .epochs = options_.epochs,
                              .samples = order,
                              .samples_a_step = static_cast<std::size_t>(options_.batch),
                              .rate = rate};
  if (!train::run_epoch(task, *step_, *feed_, {.batch = after_batch}, shown, stop)) return {};
  ++epoch_;
  Record record{.layer = 0, .epoch = epoch_, .lr = rate(epoch_ - 1)};
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  record.loss = loss / static_cast<double>(order.size());
  judge(record);
  return record;
}

void Unrolled::judge(Record& record) {
  const auto n = std::min<std::size_t>(static_cast<std::size_t>(options_.batch), watched_.size());
  const graph::Graph& graph = objective_.graph;
  // The code is the result of the network's first half, whose nodes come first.
  const graph::Graph up = graph::parse_model(up_);
  const NodeId code = graph.find(up.node(up.result).label);
  run::Plan plan(graph, layout_, parameters_.data(), threads_,
                 {.batch = static_cast<std::int64_t>(n),
                  .keep = {objective_.losses[0], code},
                  .arena = step_->arena()});
  double loss = 0, sum = 0, zeros = 0, numbers = 0;
  for (std::size_t first = 0; first + n <= watched_.size(); first += n) {
    feed_->fill(plan, graph, watched_.subspan(first, n));
    plan.run({});
    loss += plan.value(objective_.losses[0])[0] * static_cast<double>(n);
    for (const float y : plan.value(code)) sum += y, zeros += y == 0;
    numbers += static_cast<double>(plan.value(code).size());
  }
  record.validation_loss = loss / static_cast<double>(watched_.size() / n * n);
  record.mean_activity = sum / numbers;
  record.zeros = zeros / numbers;
}

model::Model Unrolled::network() const {
  model::Model model(both_);
  std::copy_n(parameters_.data(), parameters_.size(), model.parameters.data());
  return model;
}

model::Model Unrolled::encoder() const {
  model::Model model(up_);
  // The first half's parameters come first, too.
  std::copy_n(parameters_.data(), model.parameters.size(), model.parameters.data());
  return model;
}

void Unrolled::put_state(model::TensorFile& file, const std::string& prefix) const {
  put_training(file, prefix, layout_, parameters_.data(), *step_, epoch_);
}

void Unrolled::take_state(const model::TensorFile& file, const std::string& prefix) {
  epoch_ = take_training(file, prefix, layout_, parameters_.data(), *step_);
}

}  // namespace rectify::pretrain
