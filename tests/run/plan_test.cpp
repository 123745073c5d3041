#include "rectify/run/plan.h"

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "tests/helpers.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

TEST(Plan, NeedsLessMemoryThanKeepingEverything) {
  ThreadPool threads(1);
  const std::string text = "64 : repeat 12 (dense 64 | relu | dropout 0.1) | dense 5";
  const Network n = network(text, softmax, 64, 1, Draw::grid);
  const ParameterLayout layout = n.layout();
  Buffer parameters(layout.floats());
  const graph::Graph forward = graph::parse_model(text);
  PlanOptions everything{.batch = 64, .training = true};
  for (NodeId id = 0; id < n.graph.size(); ++id) everything.keep.insert(id);
  const Plan small(forward, layout, parameters.data(), threads,
                   {.batch = 64, .keep = {forward.result}});
  const Plan large(n.graph, layout, parameters.data(), threads, everything);
  // The input, which stays, and two values at a time, whatever the depth.
  EXPECT_LE(small.arena_bytes(), (3 * 64 * 64 + 64 * 16) * sizeof(float));
  EXPECT_GE(large.arena_bytes(), 2 * 36 * 64 * 64 * sizeof(float));
}

TEST(Plan, RefusesToShowAValueThatItDoesNotKeep) {
  ThreadPool threads(1);
  const Network n = network("19 : dense 33 | relu | dense 5", softmax, 3, 1, Draw::grid);
  const ParameterLayout layout = n.layout();
  Buffer parameters(layout.floats());
  const Plan plan(n.graph, layout, parameters.data(), threads,
                  {.batch = 3, .keep = {n.graph.result}});
  EXPECT_NO_THROW(plan.value(n.graph.result));
  try {
    plan.value(n.graph.find("dense1"));
    FAIL() << "dense1 is not kept";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'dense1'"), std::string::npos) << error.what();
  }
}

TEST(Plan, RefusesNodesThatItsGraphDoesNotHave) {
  ThreadPool threads(1);
  const graph::Graph g = graph::parse_model("4 : dense 3 | relu");
  const ParameterLayout layout(g);
  Buffer parameters(layout.floats());
  const NodeId unknown = g.find("relu9"), beyond = g.size();
  const auto says = [&](const PlanOptions& options) {
    return error_of([&] { Plan(g, layout, parameters.data(), threads, options); });
  };
  const GradientSink sink = [](std::size_t, std::size_t, const float*) {};
  for (const NodeId id : {unknown, beyond}) {
    const std::string none = concat("no node ", id);
    EXPECT_TRUE(contains(says({.keep = {g.result, id}}), none));
    EXPECT_TRUE(contains(says({.bound = {{id, parameters.data()}}}), none));
    EXPECT_TRUE(contains(says({.sinks = {{id, sink}}}), none));
    EXPECT_TRUE(contains(says({.keep = {id}, .bfloat16 = true}), none));
    Plan plan(g, layout, parameters.data(), threads, {.keep = {g.result}});
    plan.run({});
    EXPECT_TRUE(contains(error_of([&] { plan.value(id); }), none));
    EXPECT_TRUE(contains(error_of([&] { plan.input(id); }), none));
    EXPECT_TRUE(contains(error_of([&] { plan.labels(id); }), none));
  }
}

TEST(Plan, RefusesTheLayoutOfAnotherGraph) {
  ThreadPool threads(1);
  const graph::Graph small = graph::parse_model("4 : dense 3"),
                     large = graph::parse_model("4 : dense 3 | relu | dense 2"),
                     wide = graph::parse_model("4 : dense 9");
  const auto says = [&](const graph::Graph& graph, const graph::Graph& other) {
    const ParameterLayout layout(other);
    Buffer parameters(layout.floats());
    return error_of(
        [&] { Plan(graph, layout, parameters.data(), threads, {.keep = {graph.result}}).run({}); });
  };
  for (const graph::Graph* graph : {&small, &large, &wide}) EXPECT_EQ(says(*graph, *graph), "");
  EXPECT_TRUE(contains(says(small, large), "a place for 'dense2.weight'")) << says(small, large);
  EXPECT_TRUE(contains(says(small, wide), "a place for 'dense1.weight' of 4x9"));
  EXPECT_TRUE(contains(says(large, small), "no place for 'dense2.weight'")) << says(large, small);
}

TEST(Plan, RefusesABatchWithoutSamples) {
  ThreadPool threads(1);
  const graph::Graph g = graph::parse_model("4 : dense 3 | relu");
  const ParameterLayout layout(g);
  Buffer parameters(layout.floats());
  for (const std::int64_t batch : {0, -1}) {
    const PlanOptions options{.batch = batch, .keep = {g.result}};
    const std::string says =
        error_of([&] { Plan(g, layout, parameters.data(), threads, options); });
    EXPECT_TRUE(contains(says, concat("not of ", batch))) << says;
    EXPECT_THROW(Plan::arena_floats(g, options), Error);
  }
}

TEST(Plan, HandsGradientsToSinksWithTheBitsThatItWouldStore) {
  ThreadPool threads(3);
  const Network n =
      network("190 : dense 700 | relu | dense 300 | relu | dense 5", softmax, 33, 1, Draw::normal);
  const Values stored = run_on_cpu(n, threads, true);
  const ParameterLayout layout = n.layout();
  Buffer parameters = parameters_of(n, layout);
  PlanOptions options{.batch = n.batch, .training = true};
  Values sunk;
  for (const auto& [parameter, gradient] : n.gradients) {
    if (!Plan::can_sink(n.graph.node(gradient))) continue;
    sunk[gradient].resize(layout.slot_of(parameter).size, NAN);
    options.sinks[gradient] = [&to = sunk[gradient]](std::size_t first, std::size_t count,
                                                     const float* part) {
      std::copy(part, part + count, to.begin() + static_cast<std::ptrdiff_t>(first));
    };
  }
  EXPECT_EQ(sunk.size(), 3u);
  Plan plan(n.graph, layout, parameters.data(), threads, options);
  fill(plan, n);
  plan.run({.seed = 7, .step = 3});
  EXPECT_TRUE(plan.sinks_stay_finite());
  plan.run_sinks();
  for (const auto& [gradient, value] : sunk)
    EXPECT_EQ(value, stored.at(gradient)) << graph::where(n.graph.node(gradient));

  plan.input(n.graph.find("input"))[5] = INFINITY;
  plan.run({.seed = 7, .step = 3});
  EXPECT_FALSE(plan.sinks_stay_finite());
}

TEST(ParameterLayout, StandsOnCacheLinesAndDoesNotOverlap) {
  const graph::Graph g = graph::parse_model("19 : dense 33 | relu | dense 5 bias=no | dense 7");
  const ParameterLayout layout(g);
  ASSERT_EQ(layout.slots().size(), 5u);
  std::size_t end = 0, count = 0;
  for (const ParameterSlot& slot : layout.slots()) {
    EXPECT_EQ(slot.offset * sizeof(float) % tensor_alignment, 0u) << slot.label;
    EXPECT_GE(slot.offset, end) << slot.label;
    EXPECT_EQ(slot.size, static_cast<std::size_t>(slot.shape.size()));
    EXPECT_EQ(g.node(slot.node).label, slot.label);
    EXPECT_EQ(&layout.slot_of(slot.node), &slot);
    end = slot.offset + slot.size;
    count += slot.size;
  }
  EXPECT_EQ(layout.count(), count);
  EXPECT_EQ(count, 19u * 33 + 33 + 33 * 5 + 5 * 7 + 7);
  EXPECT_GE(layout.floats(), end);
  EXPECT_THROW(layout.slot_of(g.find("input")), Error);
}

}  // namespace
}  // namespace rectify::run
