#include "rectify/run/plan.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/placement.h"
#include "rectify/pass/precision.h"

namespace rectify::run {

using graph::NodeId;

namespace {

Backend& backend_of(const PlanOptions& options) {
  return options.backend ? *options.backend : cpu_backend();
}

pass::Rewritten same(const graph::Graph& graph) {
  std::vector<NodeId> at(static_cast<std::size_t>(graph.size()));
  std::iota(at.begin(), at.end(), 0);
  return {graph, std::move(at)};
}

/// Throws Error unless `id` is one of so many nodes; `what` says who names it.
void check_node(NodeId id, std::size_t nodes, const char* what) {
  if (id >= 0 && static_cast<std::size_t>(id) < nodes) return;
  fail(what, ": there is no node ", id, "; the graph has nodes 0 to ",
       static_cast<std::int64_t>(nodes) - 1,
       id == -1 ? ", and -1 is what Graph::find() says to a label that none has" : "");
}

void check_options(const graph::Graph& graph, const PlanOptions& options) {
  if (options.batch < 1) fail("a plan runs batches of 1 sample or more, not of ", options.batch);
  const auto nodes = static_cast<std::size_t>(graph.size());
  for (const NodeId id : options.keep) check_node(id, nodes, "PlanOptions::keep");
  for (const auto& [id, memory] : options.bound) check_node(id, nodes, "PlanOptions::bound");
  for (const auto& [id, sink] : options.sinks) check_node(id, nodes, "PlanOptions::sinks");
}

bool is_stored(const graph::Node& node) {
  return node.op->name == "parameter" || node.op->name == "state";
}

/// Throws Error unless the layout is of this graph, or of the one whose nodes it begins with.
void check_layout(const graph::Graph& graph, const ParameterLayout& layout,
                  const PlanOptions& options) {
  constexpr const char* advice = "; a plan needs the ParameterLayout of its own graph";
  std::set<NodeId> placed;
  for (const ParameterSlot& slot : layout.slots()) {
    if (slot.node >= graph.size() || !is_stored(graph.node(slot.node)) ||
        graph.node(slot.node).type.shape != slot.shape)
      fail("the layout has a place for '", slot.label, "' of ", slot.shape.text(),
           ", which the graph does not have as its node ", slot.node, advice);
    placed.insert(slot.node);
  }
  for (NodeId id = 0; id < graph.size(); ++id)
    if (is_stored(graph.node(id)) && !placed.contains(id) && !options.bound.contains(id))
      fail("the layout has no place for '", graph.node(id).label, "' of the graph", advice);
}

/// What is computed for a graph, and where in it the graph's nodes are.
pass::Rewritten lowered(const graph::Graph& graph, const PlanOptions& options) {
  check_options(graph, options);
  return options.bfloat16 ? in_bfloat16(graph, options.keep, backend_of(options)) : same(graph);
}

/// Whether that parameter's rounded values are kept elsewhere; its user is what rounds it.
bool is_kept_rounded(const graph::Node& user, const PlanOptions& options) {
  return options.rounded && user.op->name == "to_bfloat16";
}

/// Where the values of what is computed are: parameters, bound values and those with sinks have no
/// place in the arena.
pass::Placement placement_of(const pass::Rewritten& now, const PlanOptions& options) {
  std::set<NodeId> elsewhere, kept;
  for (NodeId id = 0; id < now.graph.size(); ++id) {
    if (!is_stored(now.graph.node(id))) continue;
    elsewhere.insert(id);
    for (const NodeId user : now.graph.users(id))
      if (is_kept_rounded(now.graph.node(user), options)) elsewhere.insert(user);
  }
  for (const auto& [id, memory] : options.bound) elsewhere.insert(now.at[id]);
  for (const NodeId id : options.keep) kept.insert(now.at[id]);
  for (const auto& [id, sink] : options.sinks) {
    const graph::Node& sunk = now.graph.node(now.at[id]);
    elsewhere.insert(now.at[id]);
    kept.insert(sunk.inputs.begin(), sunk.inputs.end());
  }
  const std::vector<NodeId> host = options.fuse ? backend_of(options).fuse(now.graph)
                                                : std::vector<NodeId>(now.graph.size(), -1);
  return pass::place(now.graph, options.batch, kept, elsewhere, host);
}

}  // namespace

std::size_t Plan::arena_floats(const graph::Graph& graph, const PlanOptions& options) {
  return static_cast<std::size_t>(placement_of(lowered(graph, options), options).floats);
}

pass::Rewritten in_bfloat16(const graph::Graph& graph, const std::set<NodeId>& kept,
                            const Backend& backend) {
  const auto narrow = [&](const graph::Graph& of, const graph::Node& node) {
    return backend.narrow(of, node);
  };
  return pass::with_bfloat16_products(graph, narrow, kept);
}

Plan::Plan(const graph::Graph& graph, const ParameterLayout& layout, float* parameters,
           ThreadPool& threads, PlanOptions options)
    : options_(std::move(options)), backend_(backend_of(options_)), threads_(threads) {
  pass::Rewritten now = lowered(graph, options_);
  check_layout(graph, layout, options_);
  const pass::Placement placement = placement_of(now, options_);
  graph_ = std::move(now.graph);
  at_ = std::move(now.at);
  check_support();
  arena_ = options_.arena ? options_.arena : std::make_shared<Arena>(backend_);
  if (&arena_->backend() != &backend_)
    fail("a plan for the backend '", backend_.name(), "' cannot use an arena of the backend '",
         arena_->backend().name(), "'; give it an arena of its own backend");
  arena_floats_ = static_cast<std::size_t>(placement.floats);
  find_memory(layout, parameters, placement.offset);
  lower();
}

// Before anything is allocated.
void Plan::check_support() const {
  for (const graph::Node& node : graph_.nodes())
    if (!node.op->given && !backend_.supports(graph_, node))
      fail(graph::where(node), " cannot run on the backend '", backend_.name(),
           "', which has no kernel for it; run this network on another backend");
  for (const auto& [id, sink] : options_.sinks) {
    const graph::Node& node = graph_.node(at_[id]);
    if (!backend_.can_sink(node))
      fail(graph::where(node), " cannot hand its value to a sink on the backend '", backend_.name(),
           "'; bind it to memory");
  }
}

void Plan::find_memory(const ParameterLayout& layout, float* parameters,
                       const std::vector<std::int64_t>& offset) {
  std::byte* const arena = arena_->reserve(arena_floats_);
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Type& type = graph_.node(id).type;
    storages_.push_back(
        {offset[id] < 0 ? nullptr : arena + static_cast<std::size_t>(offset[id]) * sizeof(float),
         type.element, static_cast<std::size_t>(type.size(options_.batch))});
  }
  for (const ParameterSlot& slot : layout.slots()) {
    storages_[at_[slot.node]] = storage_of(parameters + slot.offset, slot.size);
    for (const NodeId user : graph_.users(at_[slot.node]))
      if (is_kept_rounded(graph_.node(user), options_)) {
        storages_[user] = options_.rounded->at(slot.offset, slot.size);
        given_.insert(user);
      }
  }
  for (const auto& [id, memory] : options_.bound)
    storages_[at_[id]] = storage_of(memory, storages_[at_[id]].count);
  for (const auto& [id, sink] : options_.sinks) sunk_.push_back(at_[id]);
}

// Each node that is computed is a task, or fused with an earlier one.
std::vector<Task> Plan::tasks() {
  std::map<NodeId, const GradientSink*> sinks;
  for (const auto& [id, sink] : options_.sinks) sinks[at_[id]] = &sink;
  const auto operation = [&](NodeId id) {
    std::vector<Storage> inputs;
    for (const NodeId input : graph_.node(id).inputs) inputs.push_back(storages_[input]);
    const auto sink = sinks.find(id);
    return Operation{.graph = graph_,
                     .node = graph_.node(id),
                     .batch = options_.batch,
                     .training = options_.training,
                     .winograd = options_.winograd,
                     .sparse = options_.sparse,
                     .weights = options_.training ? WeightPrecision::fp32 : options_.weights,
                     .threads = threads_,
                     .state = state_,
                     .inputs = std::move(inputs),
                     .value = storages_[id],
                     .sink = sink == sinks.end() ? nullptr : sink->second,
                     .zeros = zeros_.empty() ? nullptr : &zeros_[static_cast<std::size_t>(id)]};
  };
  const std::vector<NodeId> host =
      options_.fuse ? backend_.fuse(graph_) : std::vector<NodeId>(graph_.size(), -1);
  std::vector<Task> all;
  std::map<NodeId, std::size_t> task_of;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    if (graph_.node(id).op->given || given_.contains(id)) continue;
    if (host[id] >= 0) {
      all[task_of.at(host[id])].fused.push_back(operation(id));
      continue;
    }
    task_of[id] = all.size();
    all.push_back({operation(id)});
  }
  return all;
}

void Plan::lower() {
  if (options_.profile || step_observer()) zeros_.resize(static_cast<std::size_t>(graph_.size()));
  const std::vector<Task> all = tasks();
  Lowered made = backend_.lower(all);
  scratch_bytes_ = made.scratch_bytes;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Step step = std::move(made.steps[i].step);
    if (!step) continue;
    const Operation& main = all[i].main;
    if (options_.profile || step_observer()) {
      StepProfile profile = describe_step(graph_, main.node, options_.batch, !main.sink);
      profile.implementation = std::move(made.steps[i].implementation);
      for (const Operation& fused : all[i].fused)
        add_fused(profile, graph_, fused.node, options_.batch);
      step = watched(std::move(step), std::move(profile), *main.zeros);
    }
    (main.sink ? sinks_ : steps_).push_back(std::move(step));
  }
}

// The step with a clock around it.
Step Plan::watched(Step step, StepProfile profile, const FactorZeros& zeros) {
  if (step_observer()) step_observer()(profile);
  profile_.push_back(std::move(profile));
  return [step = std::move(step), &profile = profile_.back(), &zeros, observer = step_observer()] {
    const auto begin = std::chrono::steady_clock::now();
    step();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    ++profile.runs;
    profile.zeros = zeros;
    profile.seconds += taken.count();
    if (!observer) return;
    StepProfile once = profile;
    once.seconds = taken.count();
    observer(once);
  };
}

Plan::~Plan() = default;

const Storage& Plan::storage(NodeId lowered) const {
  const Storage& found = storages_[static_cast<std::size_t>(lowered)];
  if (!found.data) fail("the plan has no memory for '", graph_.node(lowered).label, "'");
  return found;
}

// The value itself, or room for a copy of it.
Storage Plan::in_processor(NodeId lowered) const {
  const Storage& value = storage(lowered);
  if (backend_.shares_memory()) return value;
  Buffer& copy = copies_[lowered];
  const std::size_t floats = (value.bytes() + sizeof(float) - 1) / sizeof(float);
  if (copy.size() < floats) copy = Buffer(floats);
  return {storage_of(copy.data(), floats).data, value.element, value.count};
}

Storage Plan::filled(NodeId id) {
  check_node(id, at_.size(), "an input of a plan");
  const NodeId lowered = at_[static_cast<std::size_t>(id)];
  const graph::Node& node = graph_.node(lowered);
  if (node.op->name != "input")
    fail(graph::where(node), " is no input of the graph, to be filled before a run");
  return in_processor(lowered);
}

void Plan::run(RunState state) {
  state_ = state;
  for (const auto& [id, copy] : copies_)
    if (graph_.node(id).op->name == "input") {
      const Storage from = in_processor(id);
      backend_.copy(storages_[id].data, from.data, from.bytes());
    }
  for (const Step& step : steps_) step();
}

void Plan::run_sinks() {
  for (const Step& sink : sinks_) sink();
}

bool Plan::sinks_stay_finite() const {
  for (const NodeId id : sunk_) {
    // Each element is a sum, over the rows of the batch, of products of the inputs' elements.
    const NodeId last = graph_.node(id).inputs.back();
    const double rows = static_cast<double>(graph_.node(last).type.size(options_.batch)) /
                        static_cast<double>(graph::last_extent(graph_, last));
    double bound = 2 * rows;  // twice, for the roundings
    for (const NodeId input : graph_.node(id).inputs)
      bound *= backend_.largest_magnitude(storage(input), threads_);
    if (!(bound < std::numeric_limits<float>::max())) return false;
  }
  return true;
}

std::span<const float> Plan::value(NodeId id) const {
  check_node(id, at_.size(), "a value of a plan");
  const NodeId lowered = at_[static_cast<std::size_t>(id)];
  const graph::Node& node = graph_.node(lowered);
  if (!options_.keep.contains(id) && !options_.bound.contains(id) && !node.op->given)
    fail("the plan does not keep '", node.label, "'");
  const Storage to = in_processor(lowered), &from = storage(lowered);
  if (to.data != from.data && node.op->name != "input")
    backend_.copy(to.data, from.data, to.bytes());
  return {to.as<float>(), to.count};
}

}  // namespace rectify::run
