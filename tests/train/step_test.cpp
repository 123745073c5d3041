// What a step does with objectives that are no supervised network, and with other processes.

#include "rectify/train/step.h"

#include <gtest/gtest.h>

#include <barrier>
#include <mutex>
#include <thread>

#include "rectify/base/random.h"
#include "rectify/graph/text.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/train/initialise.h"
#include "tests/helpers.h"

namespace rectify::train {
namespace {

using graph::NodeId;
using Samples = std::span<const std::uint32_t>;

/// A sample whose squares overflow.
constexpr std::uint32_t huge = 1000;

float number(std::uint32_t sample, std::size_t i) {
  return sample == huge ? 1e30f : static_cast<float>(Random(5, sample).normal(i));
}

/// Normal numbers for "input" and, where the graph has one, the same for "target".
class Noise : public Feed {
 public:
  void fill(run::Plan& plan, const graph::Graph& graph, Samples samples) override {
    for (const char* label : {"input", "target"}) {
      const NodeId id = graph.find(label);
      if (id < 0) continue;
      const auto width = static_cast<std::size_t>(graph.node(id).type.shape.size());
      for (std::size_t s = 0; s < samples.size(); ++s)
        for (std::size_t i = 0; i < width; ++i)
          plan.input(id)[s * width + i] = number(samples[s], i);
    }
  }
};

Options plain_sgd() {
  Options options;
  options.optimizer = "sgd";
  options.weight_decay = 0;
  return options;
}

/// An autoencoder: its targets are its inputs.
struct Autoencoder {
  model::Model model{"6 : dense 4 | tanh | dense 6"};
  Objective objective;

  Autoencoder() {
    ThreadPool threads(1);
    graph::Graph graph = model.graph;
    const NodeId loss = model::add_loss(graph, "mean_squared_error", false);
    objective = minimise(std::move(graph), {loss});
    initialise(model.graph, model.layout, 3, "auto", threads, model.parameters.data());
  }
};

TEST(Step, TrainsAnObjectiveWithoutLabels) {
  Autoencoder a;
  ThreadPool threads(2);
  Step step(a.objective, a.model.layout, a.model.parameters.data(), plain_sgd(), threads);
  Noise feed;
  const std::vector<std::uint32_t> samples = {0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<float> losses;
  const BatchObserver keep = [&](const run::Plan& plan, Samples) {
    losses.push_back(plan.value(a.objective.losses[0])[0]);
  };
  step.begin_epoch(0);
  for (int i = 0; i < 60; ++i) step.take(feed, samples, 0.3, false, keep);
  EXPECT_LT(losses.back(), 0.7f * losses.front());
  EXPECT_EQ(step.batches(), 60u);
}

// Contrastive divergence of linear units: W moves against v1' h1 - v' h, where h = v W, v1 = h W',
// h1 = v1 W. There is no loss, and nothing was differentiated.
TEST(Step, TakesAnUpdateThatIsNoGradient) {
  constexpr std::size_t visible = 5, hidden = 3, batch = 4;
  Objective o;
  graph::Graph& g = o.graph;
  const NodeId v = g.add_input({.shape = Shape{visible}}, "input");
  const NodeId w = g.add_parameter(Shape{visible, hidden}, {}, "w");
  const NodeId minus = g.add_parameter(Shape{hidden, hidden}, {}, "minus");
  const NodeId h = g.add("dense", {v, w});
  const NodeId v1 = g.add("dense_input_gradient", {h, w});
  const NodeId h1 = g.add("dense", {v1, w});
  o.directions[w] = g.add("add", {g.add("dense_weight_gradient", {v1, h1}),
                                  g.add("dense_weight_gradient", {v, g.add("dense", {h, minus})})});
  const run::ParameterLayout layout(g);
  Buffer parameters(layout.floats());
  float* const weights = parameters.data() + layout.slot_of(w).offset;
  for (std::size_t i = 0; i < visible * hidden; ++i) weights[i] = 0.3f * number(99, i);
  for (std::size_t i = 0; i < hidden; ++i)
    parameters.data()[layout.slot_of(minus).offset + i * hidden + i] = -1;

  double expected[visible][hidden];
  for (std::size_t i = 0; i < visible; ++i)
    for (std::size_t j = 0; j < hidden; ++j) expected[i][j] = weights[i * hidden + j];
  for (std::uint32_t s = 0; s < batch; ++s) {
    double x[visible], y[hidden] = {}, x1[visible] = {}, y1[hidden] = {};
    for (std::size_t i = 0; i < visible; ++i) x[i] = number(s, i);
    for (std::size_t i = 0; i < visible; ++i)
      for (std::size_t j = 0; j < hidden; ++j) y[j] += x[i] * weights[i * hidden + j];
    for (std::size_t i = 0; i < visible; ++i)
      for (std::size_t j = 0; j < hidden; ++j) x1[i] += y[j] * weights[i * hidden + j];
    for (std::size_t i = 0; i < visible; ++i)
      for (std::size_t j = 0; j < hidden; ++j) y1[j] += x1[i] * weights[i * hidden + j];
    for (std::size_t i = 0; i < visible; ++i)
      for (std::size_t j = 0; j < hidden; ++j)
        expected[i][j] -= 0.01 * (x1[i] * y1[j] - x[i] * y[j]);
  }

  ThreadPool threads(2);
  Step step(o, layout, parameters.data(), plain_sgd(), threads);
  Noise feed;
  const std::vector<std::uint32_t> samples = {0, 1, 2, 3};
  step.take(feed, samples, 0.01);
  for (std::size_t i = 0; i < visible; ++i)
    for (std::size_t j = 0; j < hidden; ++j)
      EXPECT_NEAR(weights[i * hidden + j], expected[i][j], 1e-6) << i << ", " << j;
  EXPECT_EQ(parameters.data()[layout.slot_of(minus).offset], -1) << "has no direction";
}

/// Means over two processes, here threads that wait for each other.
class Pair {
 public:
  Exchange exchange() {
    return [this](std::span<float> directions) {
      {
        const std::lock_guard lock(mutex_);
        sum_.resize(directions.size());
        for (std::size_t i = 0; i < directions.size(); ++i) sum_[i] += directions[i];
      }
      full_.arrive_and_wait();
      for (std::size_t i = 0; i < directions.size(); ++i) directions[i] = sum_[i] / 2;
      read_.arrive_and_wait();
    };
  }

 private:
  std::mutex mutex_;
  std::vector<float> sum_;
  std::barrier<> full_{2};
  std::barrier<std::function<void()>> read_{2, [this]() noexcept { sum_.clear(); }};
};

/// Two processes, each with its own samples: three steps, and what went wrong in each process.
struct Together {
  Autoencoder processes[2];
  std::string errors[2];

  Together(const Options& options, std::vector<std::uint32_t> first,
           std::vector<std::uint32_t> second) {
    Pair pair;
    const auto work = [&](std::size_t which, Samples samples) {
      Autoencoder& own = processes[which];
      ThreadPool threads(1);
      Step step(own.objective, own.model.layout, own.model.parameters.data(), options, threads,
                {.exchange = pair.exchange()});
      Noise feed;
      errors[which] = error_of([&] {
        for (int i = 0; i < 3; ++i) step.take(feed, samples, 0.1);
      });
    };
    std::thread other([&] { work(1, second); });
    work(0, first);
    other.join();
  }
};

void expect_near(const model::Model& a, const model::Model& b, float most) {
  for (std::size_t i = 0; i < a.parameters.size(); ++i)
    EXPECT_NEAR(a.parameters.span()[i], b.parameters.span()[i], most) << i;
}

TEST(Step, OfTwoProcessesThatExchangeIsTheStepOfAllTheirSamples) {
  for (const int accumulate : {1, 2}) {
    Options options = plain_sgd();
    options.accumulate = accumulate;
    options.batch = accumulate == 1 ? 4 : 2;
    const Together two(options, {0, 1, 2, 3}, {4, 5, 6, 7});
    EXPECT_EQ(two.errors[0] + two.errors[1], "");
    EXPECT_TRUE(same_bits(two.processes[0].model.parameters.span(),
                          two.processes[1].model.parameters.span()));

    Autoencoder alone;
    ThreadPool threads(1);
    Step step(alone.objective, alone.model.layout, alone.model.parameters.data(), plain_sgd(),
              threads);
    Noise feed;
    const std::vector<std::uint32_t> samples = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int i = 0; i < 3; ++i) step.take(feed, samples, 0.1);
    expect_near(two.processes[0].model, alone.model, 1e-6f);
    Autoencoder untrained;
    EXPECT_FALSE(same_bits(alone.model.parameters.span(), untrained.model.parameters.span()));
  }
}

TEST(Step, IsRefusedByAllProcessesWhenOneIsNotFinite) {
  for (const int accumulate : {1, 2}) {
    Options options = plain_sgd();
    options.accumulate = accumulate;
    options.batch = accumulate == 1 ? 4 : 2;
    const Together two(options, {0, 1, 2, 3}, {4, 5, 6, huge});
    const Autoencoder untrained;
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(
          same_bits(two.processes[i].model.parameters.span(), untrained.model.parameters.span()));
      EXPECT_TRUE(contains(two.errors[i], "the step was not taken")) << two.errors[i];
    }
    EXPECT_TRUE(contains(two.errors[0], "another process")) << two.errors[0];
    EXPECT_TRUE(contains(two.errors[1], "loss is the first")) << two.errors[1];
  }
}

}  // namespace
}  // namespace rectify::train
