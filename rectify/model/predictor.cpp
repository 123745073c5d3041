#include "rectify/model/predictor.h"

#include <algorithm>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"
#include "rectify/run/plan.h"

namespace rectify::model {

namespace {

// Large enough for the products to be fast, small enough for the values between layers to stay in
// cache.
constexpr std::size_t full_batch = 64;

/// The model to run, after a look at whether it can be.
Model prepared(Model model) {
  check_ends_of(model.graph);
  return folded(std::move(model));
}

}  // namespace

/// The memory of one call: a plan for a whole batch and a plan for a single sample.
class Predictor::Worker {
 public:
  Worker(Model& model, run::WeightPrecision weights) : model_(model), weights_(weights) {}

  /// Answers at most full_batch samples. Missing samples of a batch are set to 0, and their answers
  /// are not used.
  void run(std::span<const float> samples, std::span<float> answers, std::size_t rows) {
    run::Plan& plan = plan_for(rows == 1 ? 1 : full_batch);
    float* input = plan.input(model_.graph.find("input"));
    const std::size_t width = samples.size() / rows;
    data::scale(samples, width, model_.normalisation.inputs, input);
    std::fill(input + samples.size(), input + static_cast<std::size_t>(plan.batch()) * width, 0.0f);
    plan.run({});
    std::ranges::copy(plan.value(model_.graph.result).first(answers.size()), answers.begin());
    data::to_targets(answers, model_.normalisation.targets);
  }

 private:
  run::Plan& plan_for(std::size_t batch) {
    std::unique_ptr<run::Plan>& plan = batch == 1 ? single_ : full_;
    if (!plan)
      plan = std::make_unique<run::Plan>(model_.graph, model_.layout, model_.parameters.data(),
                                         thread_,
                                         run::PlanOptions{.batch = static_cast<std::int64_t>(batch),
                                                          .keep = {model_.graph.result},
                                                          .weights = weights_});
    return *plan;
  }

  Model& model_;
  run::WeightPrecision weights_;
  ThreadPool thread_{1};
  std::unique_ptr<run::Plan> single_, full_;
};

Predictor::Predictor(Model model, run::WeightPrecision weights)
    : model_(prepared(std::move(model))), weights_(weights) {}
Predictor::~Predictor() = default;

std::size_t Predictor::inputs() const {
  const graph::Graph& graph = model_.graph;
  return static_cast<std::size_t>(graph.node(graph.find("input")).type.shape.size());
}

std::size_t Predictor::outputs() const {
  return static_cast<std::size_t>(model_.graph.node(model_.graph.result).type.shape.size());
}

std::unique_ptr<Predictor::Worker> Predictor::take() const {
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Worker> worker = std::move(idle_.back());
      idle_.pop_back();
      return worker;
    }
  }
  return std::make_unique<Worker>(model_, weights_);
}

void Predictor::give_back(std::unique_ptr<Worker> worker) const {
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(worker));
}

void Predictor::run(std::span<const float> samples, std::span<float> answers) const {
  const std::size_t rows = samples.size() / inputs();
  if (samples.size() % inputs() != 0)
    fail("the model wants samples of ", inputs(), " numbers, but ", samples.size(),
         " numbers are no whole number of samples");
  if (answers.size() / outputs() != rows || answers.size() % outputs() != 0)
    fail(rows, " samples have answers of ", outputs(), " numbers each, but there is room for ",
         answers.size(), " numbers");
  std::unique_ptr<Worker> worker = take();
  for (std::size_t first = 0; first < rows; first += full_batch) {
    const std::size_t count = std::min(full_batch, rows - first);
    worker->run(samples.subspan(first * inputs(), count * inputs()),
                answers.subspan(first * outputs(), count * outputs()), count);
  }
  give_back(std::move(worker));
}

}  // namespace rectify::model
