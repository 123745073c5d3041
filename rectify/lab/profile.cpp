#include "rectify/lab/profile.h"

#include <chrono>
#include <memory>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/graph/operator.h"
#include "rectify/model/evaluate.h"
#include "rectify/run/plan.h"
#include "rectify/train/feed/dataset_feed.h"
#include "rectify/train/step.h"

namespace rectify::lab {

namespace {

using graph::NodeId;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Fills every input of a graph with random samples, ids, labels and targets; a plan that was
/// filled already is left as it is.
class RandomFeed : public train::Feed {
 public:
  void fill(run::Plan& plan, const graph::Graph& graph,
            std::span<const std::uint32_t> samples) override {
    if (std::exchange(filled_, &plan) == &plan) return;
    const auto batch = static_cast<std::int64_t>(samples.size());
    const auto classes = static_cast<std::uint32_t>(graph::last_extent(graph, graph.result));
    const auto ids = static_cast<std::uint32_t>(graph::ids_of(graph));
    for (NodeId id = 0; id < graph.size(); ++id) {
      const graph::Node& node = graph.node(id);
      if (node.op->name != "input") continue;
      const auto size = static_cast<std::uint32_t>(node.type.size(batch));
      for (std::uint32_t i = 0; i < size; ++i) {
        if (node.type.element == Element::int32)
          plan.labels(id)[i] = static_cast<std::int32_t>(random_.below(i, classes));
        else if (ids > 0 && node.label == "input")
          plan.input(id)[i] = static_cast<float>(random_.below(i, ids));
        else
          plan.input(id)[i] = static_cast<float>(random_.below(i, 2001)) / 1000 - 1;
      }
    }
  }

 private:
  const Random random_{1, 0};
  const run::Plan* filled_ = nullptr;
};

/// Batches of the data, one after the other and over again, or random ones.
class Samples {
 public:
  Samples(const model::Model& model, const ProfileOptions& options, ThreadPool& threads)
      : batch_(static_cast<std::size_t>(options.batch)),
        all_(options.data ? model::all_samples(options.data->train.count)
                          : std::vector<std::uint32_t>(batch_)) {
    if (!options.data) {
      feed_ = std::make_unique<RandomFeed>();
      return;
    }
    if (all_.size() < batch_)
      fail("a batch of ", batch_, " is more than the ", all_.size(), " training samples of ",
           options.data->spec);
    feed_ = std::make_unique<train::DatasetFeed>(train::Options{}, *options.data, all_,
                                                 model.normalisation, threads);
  }
  train::Feed& feed() { return *feed_; }
  std::int64_t batch() const { return static_cast<std::int64_t>(batch_); }
  std::span<const std::uint32_t> next() {
    if (at_ + batch_ > all_.size()) at_ = 0;
    return std::span(all_).subspan(std::exchange(at_, at_ + batch_), batch_);
  }

 private:
  std::size_t batch_, at_ = 0;
  std::vector<std::uint32_t> all_;
  std::unique_ptr<train::Feed> feed_;
};

/// The work that is timed, many times.
class Timed {
 public:
  virtual ~Timed() = default;
  virtual void run() = 0;
  virtual std::vector<run::StepProfile> parts() const = 0;
};

/// One training step with plain SGD, as the trainer takes it.
class TimedTraining : public Timed {
 public:
  TimedTraining(model::Model& model, const ProfileOptions& options, ThreadPool& threads)
      : samples_(model, options, threads),
        objective_(train::supervised(model.graph, supervision_of(model))),
        step_(objective_, model.layout, model.parameters.data(), sgd(options), threads,
              {.profile = true}) {
    step_.begin_epoch(0);
  }
  void run() override { step_.take(samples_.feed(), samples_.next(), 1e-6); }
  std::vector<run::StepProfile> parts() const override { return step_.profile(samples_.batch()); }

 private:
  static train::Supervision supervision_of(const model::Model& model) {
    if (model.loss.empty()) return {};
    return {.loss = model.loss, .class_targets = !model.class_names.empty()};
  }
  static train::Options sgd(const ProfileOptions& options) {
    train::Options sgd;
    sgd.optimizer = "sgd";
    sgd.weight_decay = 0;
    sgd.batch = static_cast<int>(options.batch);
    sgd.precision = options.precision;
    sgd.sparse = options.sparse;
    return sgd;
  }

  Samples samples_;
  train::Objective objective_;
  train::Step step_;
};

/// One inference of the network.
class TimedInference : public Timed {
 public:
  TimedInference(model::Model& model, const ProfileOptions& options, ThreadPool& threads)
      : plan_(model.graph, model.layout, model.parameters.data(), threads,
              {.batch = options.batch,
               .keep = {model.graph.result},
               .bfloat16 = options.precision == train::Precision::bf16,
               .sparse = options.sparse == train::Sparse::automatic,
               .profile = true}) {
    Samples samples(model, options, threads);
    samples.feed().fill(plan_, model.graph, samples.next());
  }
  void run() override { plan_.run({}); }
  std::vector<run::StepProfile> parts() const override {
    return {plan_.profile().begin(), plan_.profile().end()};
  }

 private:
  run::Plan plan_;
};

}  // namespace

Profile profile(model::Model& model, const ProfileOptions& options, ThreadPool& threads) {
  if (options.batch < 1) fail("the batch must be at least 1, not ", options.batch);
  if (options.precision == train::Precision::bf16 && !run::has_bfloat16_products())
    fail("this processor has no products of bfloat16 (AVX512-BF16, AMX); leave out bf16");
  std::unique_ptr<Timed> timed;
  if (options.training)
    timed = std::make_unique<TimedTraining>(model, options, threads);
  else
    timed = std::make_unique<TimedInference>(model, options, threads);
  for (int i = 0; i < 3; ++i) timed->run();  // caches, pages and the clock
  const std::vector<run::StepProfile> warm = timed->parts();
  Profile found;
  const auto begin = Clock::now();
  do {
    timed->run();
    ++found.runs;
    found.seconds = seconds_since(begin);
  } while (found.seconds < options.seconds);
  found.steps = timed->parts();
  for (std::size_t i = 0; i < found.steps.size(); ++i) {
    found.steps[i].runs -= warm[i].runs;
    found.steps[i].seconds -= warm[i].seconds;
    found.steps[i].zeros.numbers -= warm[i].zeros.numbers;
    found.steps[i].zeros.nonzeros -= warm[i].zeros.nonzeros;
    found.steps[i].zeros.left_out -= warm[i].zeros.left_out;
  }
  return found;
}

}  // namespace rectify::lab
