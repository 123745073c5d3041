#include "rectify/train/memory.h"

#include <algorithm>
#include <memory>

#include "rectify/base/machine.h"
#include "rectify/model/evaluation_size.h"
#include "rectify/model/loss.h"
#include "rectify/train/step.h"

namespace rectify::train {

namespace {

/// Bytes that a program grows by when it trains, besides those that are counted: libraries at work,
/// stacks of threads, the samples of a batch. Measured.
constexpr std::int64_t started = std::int64_t{7} << 20;

/// Whether a buffer is so large that its pages take no memory before they are used.
bool is_large(std::size_t floats) { return floats * sizeof(float) >= (std::size_t{1} << 21); }

std::int64_t bytes_of(std::size_t floats) {
  return static_cast<std::int64_t>(Buffer::bytes(floats));
}

/// The plans of a training run, made but not run: those of a step, and one of an evaluation.
class Plans {
 public:
  Plans(const graph::Graph& network, std::int64_t batch)
      : layout_(network),
        parameters_(Buffer::unreserved(layout_.floats())),
        objective_(supervised(network, {})),
        step_(objective_, layout_, parameters_.data(), stateless(), threads_, {.reserved = false}),
        evaluated_(network),
        loss_(model::add_loss(evaluated_, Supervision{}.loss, true)) {
    step_.prepare(batch);
    const model::EvaluationSize size =
        model::evaluation_size(evaluated_, loss_, step_.arena()->floats());
    evaluation_ = std::make_unique<run::Plan>(
        evaluated_, layout_, parameters_.data(), threads_,
        run::PlanOptions{.batch = static_cast<std::int64_t>(size.samples),
                         .keep = model::watched_values(evaluated_, loss_),
                         .arena = step_.arena()});
  }

  std::size_t parameter_floats() const { return layout_.floats(); }
  std::size_t arena_floats() const { return step_.arena()->floats(); }
  std::int64_t scratch_bytes() const {
    return static_cast<std::int64_t>(std::max(step_.scratch_bytes(), evaluation_->scratch_bytes()));
  }
  /// Bytes of the buffers above that are in memory already.
  std::int64_t present() const {
    std::int64_t bytes = 0;
    for (const std::size_t floats : {parameter_floats(), parameter_floats(), arena_floats()})
      if (!is_large(floats)) bytes += bytes_of(floats);
    return bytes;
  }

 private:
  /// Options of an optimiser without state; the memory of state is counted apart.
  static Options stateless() {
    Options options;
    options.optimizer = "sgd";
    return options;
  }

  ThreadPool threads_;
  run::ParameterLayout layout_;
  Buffer parameters_;
  Objective objective_;
  Step step_;
  graph::Graph evaluated_;
  graph::NodeId loss_;
  std::unique_ptr<run::Plan> evaluation_;
};

}  // namespace

TrainingMemory training_memory(const graph::Graph& network, std::int64_t batch) {
  // Parameters, gradients, momentum, best parameters; all but the gradients once more while a
  // checkpoint is saved.
  constexpr std::int64_t copies = 4 + 3;
  const Plans plans(network, batch);
  return {.program = resident_bytes() - plans.present() + started,
          .parameters = copies * bytes_of(plans.parameter_floats()),
          .arena = bytes_of(plans.arena_floats()),
          .scratch = plans.scratch_bytes()};
}

}  // namespace rectify::train
