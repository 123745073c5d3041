#include "rectify/lab/profile.h"

#include <chrono>
#include <memory>

#include "rectify/base/error.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/random.h"
#include "rectify/graph/operator.h"
#include "rectify/model/loss.h"
#include "rectify/pass/differentiate.h"
#include "rectify/run/plan.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::lab {

namespace {

using graph::NodeId;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The network with a loss and its gradients, and SGD that takes each gradient where it can.
class TrainingStep {
 public:
  TrainingStep(model::Model& model, const ProfileOptions& options, ThreadPool& threads)
      : model_(model),
        graph_(model.graph),
        gradients_(model.layout.floats()),
        done_(model.layout.slots().size()),
        optimiser_(sgd(), model.layout, threads) {
    run::PlanOptions plan{.batch = options.batch, .training = options.training};
    plan.keep = {graph_.result};
    plan.profile = true;
    plan.bfloat16 = options.precision == "bf16";
    if (options.training) add_gradients(plan);
    plan_ = std::make_unique<run::Plan>(graph_, model.layout, model.parameters.data(), threads,
                                        std::move(plan));
    fill_inputs(options.batch);
  }

  void run() {
    plan_->run({});
    if (gradient_of_.empty()) return;
    optimiser_.begin(1e-6, 1);
    plan_->run_sinks();
    const auto begin = Clock::now();
    optimiser_.update_all(model_.parameters.data(), gradients_.data(), done_);
    optimiser_.end(model_.parameters.data());
    update_seconds_ += seconds_since(begin);
    ++updates_;
  }

  std::vector<run::StepProfile> steps() const {
    std::vector<run::StepProfile> all(plan_->profile().begin(), plan_->profile().end());
    if (updates_ == 0) return all;
    double floats = 0;  // that are left to one sweep
    for (std::size_t i = 0; i < done_.size(); ++i)
      if (!done_[i]) floats += static_cast<double>(model_.layout.slots()[i].size);
    all.push_back({.op = "sgd",
                   .label = "update of the rest",
                   .implementation = std::string(instruction_set()),
                   .shape = std::to_string(static_cast<long>(floats)),
                   .flops = 2 * floats,
                   .bytes = 12 * floats,
                   .runs = updates_,
                   .seconds = update_seconds_});
    return all;
  }

 private:
  static train::Options sgd() {
    train::Options options;
    options.optimizer = "sgd";
    options.weight_decay = 0;
    return options;
  }

  void add_gradients(run::PlanOptions& plan) {
    const bool classes = !model_.class_names.empty() || model_.loss.empty();
    const NodeId loss = model::add_loss(
        graph_, model_.loss.empty() ? "softmax_cross_entropy" : model_.loss, classes);
    plan.keep.insert(loss);
    gradient_of_ = pass::differentiate(graph_, {loss});
    float* const parameters = model_.parameters.data();
    for (std::size_t i = 0; i < done_.size(); ++i) {
      const run::ParameterSlot& slot = model_.layout.slots()[i];
      const auto gradient = gradient_of_.find(slot.node);
      if (gradient == gradient_of_.end()) continue;
      done_[i] = run::Plan::can_sink(graph_.node(gradient->second)) &&
                 graph_.users(gradient->second).empty();
      if (done_[i])
        plan.sinks[gradient->second] = [this, parameters, i](std::size_t first, std::size_t count,
                                                             const float* part) {
          optimiser_.update(parameters, i, first, count, part);
        };
      else
        plan.bound[gradient->second] = gradients_.data() + slot.offset;
    }
  }

  void fill_inputs(std::int64_t batch) {
    const Random random(1, 0);
    const auto ids = static_cast<std::uint32_t>(graph::ids_of(graph_));
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const graph::Node& node = graph_.node(id);
      if (node.op->name != "input") continue;
      const auto size = static_cast<std::uint32_t>(node.type.size(batch));
      const auto classes = static_cast<std::uint32_t>(graph::last_extent(graph_, graph_.result));
      for (std::uint32_t i = 0; i < size; ++i) {
        if (node.type.element == Element::int32)
          plan_->labels(id)[i] = static_cast<std::int32_t>(random.below(i, classes));
        else if (ids > 0 && node.label == "input")
          plan_->input(id)[i] = static_cast<float>(random.below(i, ids));
        else
          plan_->input(id)[i] = static_cast<float>(random.below(i, 2001)) / 1000 - 1;
      }
    }
  }

  model::Model& model_;
  graph::Graph graph_;
  pass::ParameterGradients gradient_of_;
  Buffer gradients_;
  std::vector<bool> done_;  ///< per parameter slot: whether its sink updates it
  train::Optimiser optimiser_;
  std::unique_ptr<run::Plan> plan_;
  double update_seconds_ = 0;
  std::int64_t updates_ = 0;
};

}  // namespace

Profile profile(model::Model& model, const ProfileOptions& options, ThreadPool& threads) {
  if (options.batch < 1) fail("the batch must be at least 1, not ", options.batch);
  if (options.precision != "fp32" && options.precision != "bf16")
    fail("the precision must be fp32 or bf16, not '", options.precision, "'");
  if (options.precision == "bf16" && !run::has_bfloat16_products())
    fail("this processor has no products of bfloat16 (AVX512-BF16, AMX); leave out bf16");
  TrainingStep step(model, options, threads);
  for (int i = 0; i < 3; ++i) step.run();  // caches, pages and the clock
  const std::vector<run::StepProfile> warm = step.steps();
  Profile found;
  const auto begin = Clock::now();
  do {
    step.run();
    ++found.runs;
    found.seconds = seconds_since(begin);
  } while (found.seconds < options.seconds);
  found.steps = step.steps();
  for (std::size_t i = 0; i < found.steps.size(); ++i) {
    found.steps[i].runs -= warm[i].runs;
    found.steps[i].seconds -= warm[i].seconds;
  }
  return found;
}

}  // namespace rectify::lab
