#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/run/plan.h"
#include "rectify/train/feed/feed.h"
#include "rectify/train/objective.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/options.h"
#include "rectify/train/update_watch.h"

namespace rectify::train {

/// Thrown when a loss, a gradient or a state is not finite. The step was not taken.
class NonFinite : public Error {
 public:
  using Error::Error;
};

/// Called once a step with the directions of this process's batch, in the flat layout of the
/// parameters, before anything changes. It leaves there what all processes together found: their
/// mean. Every process must be asked for the same number of steps. Where a batch was not finite,
/// one element is NaN, so that a mean over all processes makes each of them refuse the step.
using Exchange = std::function<void(std::span<float> directions)>;

/// Called with each batch after its run and before the next one; kept values of `plan`, such as
/// losses and the graph's result, can be read.
using BatchObserver =
    std::function<void(const run::Plan& plan, std::span<const std::uint32_t> samples)>;

/// How a Step works, beyond what train::Options say.
struct StepOptions {
  /// Whether weights are updated while their gradient is in cache, instead of after it was stored.
  /// The results are the same bits.
  bool fused = true;
  bool profile = false;    ///< whether the parts of a step are timed: Step::profile()
  bool reserved = true;    ///< false: for steps that are looked at and never taken, of any size
  Exchange exchange = {};  ///< empty: this process is alone. Steps are then not fused
};

/// One step of training, over and over: fill a batch, run the plan, see that all is finite, update
/// the parameters and states. A step whose losses, directions or next states are not finite changes
/// nothing. The same bits for any number of threads.
///
///     Step step(objective, model.layout, model.parameters.data(), options, threads);
///     step.begin_epoch(0);
///     step.take(feed, samples, 0.1);
class Step {
 public:
  /// Of `options` it reads seed, accumulate, clip_norm, precision and what the optimiser reads.
  /// `parameters` has the layout `layout`. All references must outlive it.
  Step(const Objective& objective, const run::ParameterLayout& layout, float* parameters,
       const Options& options, ThreadPool& threads, StepOptions how = {});
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  /// Asks at once for the memory of steps over batches of up to that size. Optional.
  void reserve(std::int64_t batch);
  /// Makes the plans for batches of that size, so that no step waits for them. Optional.
  void prepare(std::int64_t batch);

  /// Before the first step of an epoch, from 0, and whenever somebody else changed the parameters.
  void begin_epoch(int epoch);

  /// One step over `samples` at learning rate `lr`; with Options::accumulate, over batches of
  /// Options::batch of them. Returns the norms of the directions where they were stored: always
  /// with `want_norms`, and then with update ratios. Throws NonFinite, which names the first node
  /// that is not finite.
  std::optional<GradientNorms> take(Feed& feed, std::span<const std::uint32_t> samples, double lr,
                                    bool want_norms = false, const BatchObserver& observe = {});

  /// Batches so far. Their number addresses the random numbers of the next one.
  std::uint32_t batches() const { return batches_; }
  void set_batches(std::uint32_t batches) { batches_ = batches; }
  Optimiser& optimiser() { return optimiser_; }
  const Optimiser& optimiser() const { return optimiser_; }

  /// Memory that all its plans use, one at a time; others may use it between steps.
  const std::shared_ptr<run::Arena>& arena() const { return arena_; }
  /// Bytes of scratch memory of the plans so far.
  std::size_t scratch_bytes() const;
  /// With StepOptions::profile: the parts of all steps so far over batches of that size, the last
  /// part being the update of what has no sink.
  std::vector<run::StepProfile> profile(std::int64_t batch) const;

 private:
  using Samples = std::span<const std::uint32_t>;
  std::optional<GradientNorms> take_plain(Feed& feed, Samples samples, double lr, bool want_norms,
                                          const BatchObserver& observe);
  std::optional<GradientNorms> take_accumulated(Feed& feed, Samples samples, double lr,
                                                const BatchObserver& observe);
  const run::Plan* take_fused(Feed& feed, Samples samples, double lr);
  const run::Plan& take_stored(Feed& feed, Samples samples, double lr, GradientNorms& norms);
  run::Plan& run(Feed& feed, Samples samples, bool fused, std::uint32_t batch);
  GradientNorms exchanged(Buffer& directions, bool finite) const;
  void update(const Buffer& directions, const GradientNorms& norms, double lr);
  void update_rest(const std::vector<bool>& done);
  void commit_states(const run::Plan& plan);
  void round_parameters(const std::vector<bool>& done);
  bool kept_are_finite(const run::Plan& plan) const;
  bool stored_are_finite() const;
  [[noreturn]] void refuse(Feed& feed, Samples samples, std::uint32_t batch);
  run::PlanOptions plan_options(std::int64_t batch, bool fused);
  run::Plan& plan_for(std::int64_t batch, bool fused);
  std::vector<bool> none() const { return std::vector<bool>(has_sink_.size()); }

  const Objective& objective_;
  const run::ParameterLayout& layout_;
  float* parameters_;
  const Options options_;
  ThreadPool& threads_;
  StepOptions how_;
  Buffer directions_;
  Buffer sum_;     ///< of the directions of a step's batches, with --accumulate
  Buffer before_;  ///< such a step: parameters and states before it, where there are states
  Optimiser optimiser_;
  UpdateWatch watch_;
  std::unique_ptr<run::RoundedParameters> rounded_;  ///< null with --precision fp32
  std::vector<bool> has_sink_;  ///< per slot: whether fused plans hand its direction on
  std::shared_ptr<run::Arena> arena_;
  std::map<std::pair<std::int64_t, bool>, std::unique_ptr<run::Plan>> plans_;
  int epoch_ = 0;
  std::uint32_t batches_ = 0;
  std::int64_t updates_ = 0;
  double update_seconds_ = 0;
};

}  // namespace rectify::train
