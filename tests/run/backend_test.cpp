// A plan works over the contract of run/backend.h alone: here a backend that knows nothing of the
// CPU's kernels, whose memory the processor cannot read, computes what the reference does.

#include "rectify/run/backend.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

#include "rectify/base/error.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

/// Memory like that of an accelerator: whoever reads or writes at its addresses ends with a signal,
/// because what is stored is elsewhere.
class FarMemory {
 public:
  FarMemory()
      : addresses_(static_cast<std::byte*>(
            ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))),
        stored_(size) {}
  ~FarMemory() { ::munmap(addresses_, size); }
  FarMemory(const FarMemory&) = delete;
  FarMemory& operator=(const FarMemory&) = delete;

  std::byte* take(std::size_t bytes) {
    std::byte* const begin = addresses_ + used_;
    used_ += (bytes + tensor_alignment - 1) / tensor_alignment * tensor_alignment;
    if (used_ > size) fail("the test has no memory left");
    return begin;
  }
  bool holds(const std::byte* at) const { return at >= addresses_ && at < addresses_ + size; }
  /// Where the bytes of an address are.
  std::byte* stored(const std::byte* at) { return stored_.data() + (at - addresses_); }

 private:
  static constexpr std::size_t size = std::size_t{1} << 22;
  std::byte* addresses_;
  std::vector<std::byte> stored_;
  std::size_t used_ = 0;
};

/// Computes by the reference's loops, in double precision, from and to floats in its memory.
class ReferenceBackend final : public Backend {
 public:
  std::string_view refused = "none";  ///< an operator that it does not support
  int allocations = 0, runs = 0;

  std::string_view name() const override { return "reference"; }

  std::shared_ptr<std::byte> allocate(std::size_t bytes, bool) override {
    ++allocations;
    return {std::shared_ptr<void>(), memory_.take(bytes)};
  }
  bool shares_memory() const override { return false; }
  void copy(std::byte* to, const std::byte* from, std::size_t bytes) override {
    std::memcpy(memory_.holds(to) ? memory_.stored(to) : to,
                memory_.holds(from) ? memory_.stored(from) : from, bytes);
  }

  bool supports(const graph::Graph&, const graph::Node& node) const override {
    return node.op->name != refused && loop_of(node) != nullptr;
  }
  bool can_sink(const graph::Node& node) const override {
    return node.op->name == "dense_weight_gradient";
  }
  pass::Narrow narrow(const graph::Graph&, const graph::Node&) const override {
    return pass::Narrow::never;
  }
  std::vector<NodeId> fuse(const graph::Graph& graph) const override {
    return std::vector<NodeId>(graph.size(), -1);
  }

  Lowered lower(std::span<const Task> tasks) override {
    Lowered made;
    for (const Task& task : tasks) {
      EXPECT_TRUE(task.fused.empty()) << "nothing was to be fused";
      made.steps.push_back({[this, op = task.main] { compute(op); }, "reference"});
    }
    return made;
  }

  float largest_magnitude(const Storage& x, ThreadPool&) override {
    float most = 0;
    for (const double v : read(x)) most = std::max(most, static_cast<float>(std::abs(v)));
    return most;
  }

 private:
  static const reference::Loop* loop_of(const graph::Node& node) {
    for (const reference::Loop* loop : reference::loops())
      if (loop->op == node.op->name) return loop;
    return nullptr;
  }

  std::vector<double> read(const Storage& from) {
    const Storage here{memory_.stored(from.data), from.element, from.count};
    if (from.element == Element::int32) return {here.as<int>(), here.as<int>() + here.count};
    return {here.as<float>(), here.as<float>() + here.count};
  }

  void compute(const Operation& op) {
    ++runs;
    reference::Values values(op.graph.size());
    for (std::size_t i = 0; i < op.inputs.size(); ++i)
      values[op.node.inputs[i]] = read(op.inputs[i]);
    std::vector<double> output(op.output_size());
    reference::Context context{op.graph, op.node, op.batch, op.training, op.state, values, output};
    loop_of(op.node)->run(context);
    const std::vector<float> rounded(output.begin(), output.end());
    if (op.sink) return (*op.sink)(0, rounded.size(), rounded.data());
    std::ranges::copy(rounded, reinterpret_cast<float*>(memory_.stored(op.value.data)));
  }

  FarMemory memory_;
};

/// Without activations whose gradients read the output: the reference takes those at the input,
/// which is no longer there when a plan gives its memory to another value.
const char* const text = "19 : dense 33 | silu | residual(dense 33 | gelu) | dense 5";
/// A network's parameters in the backend's memory.
float* parameters_in(Backend& backend, const Network& n, const ParameterLayout& layout) {
  const Buffer here = parameters_of(n, layout);
  const std::size_t bytes = layout.floats() * sizeof(float);
  std::byte* const there = backend.allocate(bytes, true).get();  // the test's memory stays
  backend.copy(there, std::as_bytes(here.span()).data(), bytes);
  return Storage{there, Element::float32, layout.floats()}.as<float>();
}

class PlanOverAnotherBackend : public testing::Test {
 protected:
  ReferenceBackend backend;
  ThreadPool threads{1};
  Network n = network(text, softmax, 6, 3, Draw::normal);
  ParameterLayout layout = n.layout();
  float* parameters = parameters_in(backend, n, layout);

  PlanOptions options(bool keep_all) {
    return {
        .batch = n.batch, .training = true, .keep = kept_values(n, keep_all), .backend = &backend};
  }
};

TEST_F(PlanOverAnotherBackend, ComputesValuesAndGradientsThatTheReferenceDoes) {
  const reference::Values want = run_reference(n);
  for (const bool keep_all : {true, false}) {
    PlanOptions asked = options(keep_all);
    for (const auto& [parameter, gradient] : n.gradients) asked.keep.insert(gradient);
    Plan plan(n.graph, layout, parameters, threads, asked);
    const int before = backend.runs;
    for (int run = 1; run <= 2; ++run) {
      fill(plan, n);
      plan.run({.seed = 7, .step = 3});
      int computed = 0;
      for (NodeId id = 0; id < n.graph.size(); ++id) {
        computed += !n.graph.node(id).op->given;
        if (n.graph.node(id).op->given || !asked.keep.contains(id)) continue;
        const std::span<const float> value = plan.value(id);
        EXPECT_LE(distance({value.begin(), value.end()}, want[id]), 1e-5)
            << graph::where(n.graph.node(id)) << " in run " << run;
      }
      EXPECT_EQ(backend.runs - before, run * computed) << "a step for each node, in each run";
    }
  }
  EXPECT_EQ(backend.allocations, 3) << "the parameters', and an arena for each plan";
}

TEST_F(PlanOverAnotherBackend, SeesWhatIsWrittenToItsInputsBeforeEachRun) {
  Plan plan(n.graph, layout, parameters, threads, options(false));
  fill(plan, n);
  plan.run({});
  const float before = plan.value(n.losses[0])[0];
  plan.input(n.graph.find("input"))[3] += 100;
  EXPECT_EQ(plan.value(n.losses[0])[0], before);
  plan.run({});
  EXPECT_NE(plan.value(n.losses[0])[0], before);
}

TEST_F(PlanOverAnotherBackend, HandsGradientsToSinks) {
  PlanOptions asked = options(false);
  Values sunk;
  for (const auto& [parameter, gradient] : n.gradients)
    if (Plan::can_sink(n.graph.node(gradient), backend))
      asked.sinks[gradient] = [&to = sunk[gradient]](std::size_t, std::size_t count,
                                                     const float* part) {
        to.assign(part, part + count);
      };
  EXPECT_EQ(sunk.size(), 3u);
  Plan plan(n.graph, layout, parameters, threads, asked);
  fill(plan, n);
  plan.run({.seed = 7, .step = 3});
  EXPECT_TRUE(plan.sinks_stay_finite());
  plan.run_sinks();
  const reference::Values want = run_reference(n);
  for (const auto& [gradient, value] : sunk) EXPECT_LE(distance(value, want[gradient]), 1e-5);

  const NodeId bias = n.gradients.at(n.graph.find("dense1.bias"));
  asked.sinks[bias] = {};
  EXPECT_THROW(Plan(n.graph, layout, parameters, threads, asked), Error);
}

TEST_F(PlanOverAnotherBackend, NamesANodeThatTheBackendDoesNotSupport) {
  backend.refused = "activate";
  try {
    Plan(n.graph, layout, parameters, threads, options(false));
    FAIL() << "an operator was refused";
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("'silu1'"), std::string::npos) << said;
    EXPECT_NE(said.find("'reference'"), std::string::npos) << said;
  }
  EXPECT_EQ(backend.allocations, 1) << "the parameters', and no arena for what cannot run";
}

TEST_F(PlanOverAnotherBackend, RefusesAnArenaOfOtherMemory) {
  PlanOptions asked = options(false);
  asked.arena = std::make_shared<Arena>();
  EXPECT_THROW(Plan(n.graph, layout, parameters, threads, asked), Error);
  asked.arena = std::make_shared<Arena>(backend);
  EXPECT_NO_THROW(Plan(n.graph, layout, parameters, threads, asked));
}

TEST_F(PlanOverAnotherBackend, TellsWhatEachStepIs) {
  PlanOptions asked = options(false);
  asked.profile = true;
  Plan plan(n.graph, layout, parameters, threads, asked);
  fill(plan, n);
  plan.run({});
  ASSERT_FALSE(plan.profile().empty());
  for (const StepProfile& step : plan.profile()) {
    EXPECT_EQ(step.implementation, "reference");
    EXPECT_EQ(step.fused, 0);
    EXPECT_EQ(step.runs, 1);
  }
}

}  // namespace
}  // namespace rectify::run
