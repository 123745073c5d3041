#include "rectify/train/step.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "rectify/base/instruction_set.h"
#include "rectify/train/optimise/sweep.h"

namespace rectify::train {

using graph::NodeId;

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* advice =
    "the step was not taken. Try a lower --lr, --warmup 1, or --clip-norm 1";

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
}

Buffer buffer(std::size_t floats, bool reserved) {
  return reserved ? Buffer(floats) : Buffer::unreserved(floats);
}

}  // namespace

Step::Step(const Objective& objective, const run::ParameterLayout& layout, float* parameters,
           const Options& options, ThreadPool& threads, StepOptions how)
    : objective_(objective),
      layout_(layout),
      parameters_(parameters),
      options_(options),
      threads_(threads),
      how_(std::move(how)),
      directions_(buffer(layout.floats(), how_.reserved)),
      optimiser_(options, layout, threads),
      watch_(layout),
      has_sink_(layout.slots().size()),
      arena_(how_.reserved ? std::make_shared<run::Arena>() : run::Arena::unreserved()) {
  // Clipping needs the norm before the first update, a sum of batches or an exchange all
  // directions.
  how_.fused = how_.fused && options.clip_norm == 0 && options.accumulate == 1 && !how_.exchange;
  if (options.precision == Precision::bf16)
    rounded_ = std::make_unique<run::RoundedParameters>(layout);
  if (options.accumulate > 1) sum_ = Buffer(layout.floats());
  if (options.accumulate > 1 && !objective.next_states.empty()) before_ = Buffer(layout.floats());
  for (std::size_t i = 0; i < has_sink_.size(); ++i) {
    const auto direction = objective.directions.find(layout.slots()[i].node);
    has_sink_[i] = optimiser_.takes_parts(i) && direction != objective.directions.end() &&
                   run::Plan::can_sink(objective.graph.node(direction->second)) &&
                   objective.graph.users(direction->second).empty();
  }
}

run::PlanOptions Step::plan_options(std::int64_t batch, bool fused) {
  run::PlanOptions options{.batch = batch, .training = true, .arena = arena_};
  if (objective_.graph.result >= 0) options.keep.insert(objective_.graph.result);
  options.keep.insert(objective_.losses.begin(), objective_.losses.end());
  for (const auto& [state, next] : objective_.next_states) options.keep.insert(next);
  options.fuse = fused;
  options.sparse = options_.sparse == Sparse::automatic;
  options.bfloat16 = rounded_ != nullptr;
  options.rounded = rounded_.get();
  options.profile = how_.profile;
  for (std::size_t i = 0; i < has_sink_.size(); ++i) {
    const run::ParameterSlot& slot = layout_.slots()[i];
    const auto direction = objective_.directions.find(slot.node);
    if (direction == objective_.directions.end()) continue;
    if (fused && has_sink_[i]) {
      options.sinks[direction->second] =
          [this, i, offset = slot.offset](std::size_t first, std::size_t count, const float* part) {
            optimiser_.update(parameters_, i, first, count, part);
            if (rounded_) rounded_->update(parameters_, offset + first, count);
          };
    } else {
      options.bound[direction->second] = directions_.data() + slot.offset;
    }
  }
  return options;
}

void Step::reserve(std::int64_t batch) {
  arena_->reserve(
      std::max(run::Plan::arena_floats(objective_.graph, plan_options(batch, false)),
               run::Plan::arena_floats(objective_.graph, plan_options(batch, how_.fused))));
}

void Step::prepare(std::int64_t batch) {
  reserve(batch);
  plan_for(batch, false);
  plan_for(batch, how_.fused);
}

run::Plan& Step::plan_for(std::int64_t batch, bool fused) {
  auto& plan = plans_[{batch, fused}];
  if (!plan)
    plan = std::make_unique<run::Plan>(objective_.graph, layout_, parameters_, threads_,
                                       plan_options(batch, fused));
  return *plan;
}

std::size_t Step::scratch_bytes() const {
  std::size_t most = 0;
  for (const auto& [key, plan] : plans_) most = std::max(most, plan->scratch_bytes());
  return most;
}

std::vector<run::StepProfile> Step::profile(std::int64_t batch) const {
  const auto plan = plans_.find({batch, how_.fused});
  if (plan == plans_.end()) return {};
  std::vector<run::StepProfile> parts(plan->second->profile().begin(),
                                      plan->second->profile().end());
  double floats = 0;  // that are left to the sweep at the end of a step
  for (std::size_t i = 0; i < has_sink_.size(); ++i)
    if (!how_.fused || !has_sink_[i]) floats += static_cast<double>(layout_.slots()[i].size);
  parts.push_back({.op = options_.optimizer,
                   .label = how_.fused ? "update of the rest" : "update",
                   .implementation = std::string(instruction_set()),
                   .shape = std::to_string(static_cast<long>(floats)),
                   .flops = 2 * floats,
                   .bytes = 12 * floats,
                   .runs = updates_,
                   .seconds = update_seconds_});
  return parts;
}

void Step::begin_epoch(int epoch) {
  epoch_ = epoch;
  round_parameters(none());
}

std::optional<GradientNorms> Step::take(Feed& feed, Samples samples, double lr, bool want_norms,
                                        const BatchObserver& observe) {
  if (want_norms) watch_.before(parameters_);
  auto norms = options_.accumulate > 1 ? take_accumulated(feed, samples, lr, observe)
                                       : take_plain(feed, samples, lr, want_norms, observe);
  if (want_norms && norms) norms->update_ratios = watch_.ratios(parameters_);
  return norms;
}

std::optional<GradientNorms> Step::take_plain(Feed& feed, Samples samples, double lr,
                                              bool want_norms, const BatchObserver& observe) {
  std::optional<GradientNorms> norms;
  const run::Plan* taken = how_.fused && !want_norms ? take_fused(feed, samples, lr) : nullptr;
  if (!taken) taken = &take_stored(feed, samples, lr, norms.emplace());
  ++batches_;
  if (observe) observe(*taken, samples);
  return norms;
}

run::Plan& Step::run(Feed& feed, Samples samples, bool fused, std::uint32_t batch) {
  run::Plan& plan = plan_for(static_cast<std::int64_t>(samples.size()), fused);
  feed.fill(plan, objective_.graph, samples);
  plan.run({.seed = options_.seed, .step = batch});
  return plan;
}

// Null, with nothing changed, when it is not sure that all is finite: the sinks have not run then.
const run::Plan* Step::take_fused(Feed& feed, Samples samples, double lr) {
  run::Plan& plan = run(feed, samples, true, batches_);
  if (!kept_are_finite(plan) || !plan.sinks_stay_finite() || !stored_are_finite()) return nullptr;
  optimiser_.begin(lr, 1.0);
  plan.run_sinks();
  update_rest(has_sink_);
  commit_states(plan);
  round_parameters(options_.max_norm > 0 ? none() : has_sink_);
  return &plan;
}

const run::Plan& Step::take_stored(Feed& feed, Samples samples, double lr, GradientNorms& norms) {
  run::Plan& plan = run(feed, samples, false, batches_);
  const bool finite = kept_are_finite(plan);
  norms = exchanged(directions_, finite);
  if (!std::isfinite(norms.total) || !finite) refuse(feed, samples, batches_);
  update(directions_, norms, lr);
  commit_states(plan);
  return plan;
}

// Losses are means over a batch, so a batch counts by its share of the samples. Each has random
// numbers of its own, and each advances the states from where the one before left them.
std::optional<GradientNorms> Step::take_accumulated(Feed& feed, Samples samples, double lr,
                                                    const BatchObserver& observe) {
  const auto batch = static_cast<std::size_t>(options_.batch);
  std::uint32_t number = batches_;
  std::copy_n(parameters_, before_.size(), before_.data());
  std::ranges::fill(sum_.span(), 0.0f);
  const auto refuse_all = [&](Samples part) {
    std::copy_n(before_.data(), before_.size(), parameters_);
    refuse(feed, part, number);
  };
  for (std::size_t first = 0; first < samples.size(); first += batch, ++number) {
    const Samples part = samples.subspan(first, std::min(batch, samples.size() - first));
    const run::Plan& plan = run(feed, part, false, number);
    const bool finite =
        kept_are_finite(plan) && std::isfinite(optimiser_.norms(directions_.data()).total);
    if (!finite && how_.exchange) exchanged(sum_, false);  // the others wait for it
    if (!finite) refuse_all(part);
    commit_states(plan);
    const double share = static_cast<double>(part.size()) / static_cast<double>(samples.size());
    blend(threads_, sum_.data(), directions_.data(), sum_.size(), 1, static_cast<float>(share));
    if (observe) observe(plan, part);
  }
  GradientNorms norms = exchanged(sum_, true);
  if (how_.exchange && !std::isfinite(norms.total))
    refuse_all(samples.first(std::min(batch, samples.size())));
  update(sum_, norms, lr);
  batches_ = number;
  return norms;
}

// The norms of the directions, of all processes where there are several.
GradientNorms Step::exchanged(Buffer& directions, bool finite) const {
  if (how_.exchange) {
    if (!finite) directions.span()[0] = std::numeric_limits<float>::quiet_NaN();
    how_.exchange(directions.span());
  }
  return optimiser_.norms(directions.data());
}

void Step::update(const Buffer& directions, const GradientNorms& norms, double lr) {
  const bool clip = options_.clip_norm > 0 && norms.total > options_.clip_norm;
  optimiser_.step(parameters_, directions.data(), lr,
                  clip ? options_.clip_norm / norms.total : 1.0);
  round_parameters(none());
}

void Step::update_rest(const std::vector<bool>& done) {
  const auto begin = Clock::now();
  optimiser_.update_all(parameters_, directions_.data(), done);
  optimiser_.end(parameters_);
  update_seconds_ += std::chrono::duration<double>(Clock::now() - begin).count();
  ++updates_;
}

// Weights alone: they are factors of products. `done` says which ones are rounded already.
void Step::round_parameters(const std::vector<bool>& done) {
  if (!rounded_) return;
  for (std::size_t i = 0; i < has_sink_.size(); ++i) {
    const run::ParameterSlot& slot = layout_.slots()[i];
    if (slot.shape.rank() >= 2 && !done[i]) rounded_->update(parameters_, slot.offset, slot.size);
  }
}

bool Step::kept_are_finite(const run::Plan& plan) const {
  return std::ranges::all_of(objective_.losses,
                             [&](NodeId loss) { return std::isfinite(plan.value(loss)[0]); }) &&
         std::ranges::all_of(objective_.next_states,
                             [&](const auto& pair) { return all_finite(plan.value(pair.second)); });
}

bool Step::stored_are_finite() const {
  for (std::size_t i = 0; i < has_sink_.size(); ++i) {
    const run::ParameterSlot& slot = layout_.slots()[i];
    if (!has_sink_[i] && !all_finite({directions_.data() + slot.offset, slot.size})) return false;
  }
  return true;
}

void Step::commit_states(const run::Plan& plan) {
  for (const auto& [state, next] : objective_.next_states)
    std::ranges::copy(plan.value(next), parameters_ + layout_.slot_of(state).offset);
}

// Runs the same batch again with every value kept, and looks for the first that is not finite: on
// the way forward, then, since gradient nodes follow in the order of the way back, backward.
void Step::refuse(Feed& feed, Samples samples, std::uint32_t batch) {
  run::PlanOptions options{.batch = static_cast<std::int64_t>(samples.size()), .training = true};
  options.bfloat16 = rounded_ != nullptr;
  options.sparse = options_.sparse == Sparse::automatic;
  const graph::Graph& graph = objective_.graph;
  for (NodeId id = 0; id < graph.size(); ++id) options.keep.insert(id);
  run::Plan plan(graph, layout_, parameters_, threads_, options);
  feed.fill(plan, graph, samples);
  plan.run({.seed = options_.seed, .step = batch});
  const std::string when =
      concat("training went non-finite in epoch ", epoch_ + 1, ", step ", batch + 1, ": ");
  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (node.label == "target" || all_finite(plan.value(id))) continue;
    const std::string place = node.label.starts_with("d_") ? "the gradient " + node.label.substr(2)
                              : node.label == "input"      ? "the data"
                                                           : node.label;
    throw NonFinite(concat(when, place, " is the first that is not a finite number; ", advice));
  }
  throw NonFinite(
      concat(when, how_.exchange ? "another process found a number that is not finite, or " : "",
             "the gradient's norm overflows; ", advice));
}

}  // namespace rectify::train
