#include "rectify/run/plan.h"

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/placement.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run {

using graph::NodeId;

namespace {

const cpu::Kernel& kernel_for(const graph::Node& node) {
  for (const cpu::Kernel* kernel : cpu::kernels())
    if (kernel->op == node.op->name) return *kernel;
  fail(graph::where(node), " cannot run on the CPU: it has no kernel");
}

bool comes_from_outside(const graph::Node& node) {
  return node.op->name == "input" || node.op->name == "parameter";
}

}  // namespace

Plan::Plan(const graph::Graph& graph, const ParameterLayout& layout, float* parameters,
           ThreadPool& threads, PlanOptions options)
    : graph_(graph), options_(std::move(options)), addresses_(graph.size(), nullptr) {
  std::set<NodeId> elsewhere;
  for (const ParameterSlot& slot : layout.slots()) {
    addresses_[slot.node] = parameters + slot.offset;
    elsewhere.insert(slot.node);
  }
  for (const auto& [id, memory] : options_.bound) {
    addresses_[id] = memory;
    elsewhere.insert(id);
  }
  const pass::Placement placement = pass::place(graph, options_.batch, options_.keep, elsewhere);
  arena_ = Buffer(static_cast<std::size_t>(placement.floats));
  for (NodeId id = 0; id < graph.size(); ++id)
    if (placement.offset[id] >= 0) addresses_[id] = arena_.data() + placement.offset[id];

  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (comes_from_outside(node)) continue;
    std::vector<float*> inputs;
    for (const NodeId input : node.inputs) inputs.push_back(addresses_[input]);
    cpu::Step step = kernel_for(node).lower({.graph = graph,
                                             .node = node,
                                             .batch = options_.batch,
                                             .training = options_.training,
                                             .threads = threads,
                                             .state = state_,
                                             .inputs = inputs,
                                             .output = addresses_[id]});
    if (step) steps_.push_back(std::move(step));
  }
}

Plan::~Plan() = default;

float* Plan::address(NodeId id) const {
  if (!addresses_[static_cast<std::size_t>(id)])
    fail("the plan has no memory for '", graph_.node(id).label, "'");
  return addresses_[static_cast<std::size_t>(id)];
}

float* Plan::input(NodeId id) { return address(id); }

void Plan::run(RunState state) {
  state_ = state;
  for (const auto& step : steps_) step();
}

std::span<const float> Plan::value(NodeId id) const {
  const graph::Node& node = graph_.node(id);
  if (!options_.keep.contains(id) && !options_.bound.contains(id) && !comes_from_outside(node))
    fail("the plan does not keep '", node.label, "'");
  return {address(id), static_cast<std::size_t>(node.type.size(options_.batch))};
}

}  // namespace rectify::run
