#include "rectify/run/plan.h"

#include <limits>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/fuse.h"
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

/// An element-wise value as one step.
cpu::Step whole(cpu::Piece piece, const cpu::Lowering& lowering) {
  return [piece = std::move(piece), size = lowering.output_size(), &threads = lowering.threads] {
    cpu::for_elements(threads, size, piece);
  };
}

bool comes_from_outside(const graph::Node& node) {
  return node.op->name == "input" || node.op->name == "parameter";
}

}  // namespace

std::vector<NodeId> riders(const graph::Graph& graph) {
  return pass::fuse(
      graph, [](const graph::Node& n) { return !comes_from_outside(n) && kernel_for(n).hosts; },
      [](const graph::Node& n) { return !comes_from_outside(n) && kernel_for(n).piece; });
}

Plan::Plan(const graph::Graph& graph, const ParameterLayout& layout, float* parameters,
           ThreadPool& threads, PlanOptions options)
    : graph_(graph),
      options_(std::move(options)),
      addresses_(graph.size(), nullptr),
      threads_(threads) {
  std::set<NodeId> elsewhere;
  for (const ParameterSlot& slot : layout.slots()) {
    addresses_[slot.node] = parameters + slot.offset;
    elsewhere.insert(slot.node);
  }
  for (const auto& [id, memory] : options_.bound) {
    addresses_[id] = memory;
    elsewhere.insert(id);
  }
  std::set<NodeId> kept = options_.keep;
  for (const auto& [id, sink] : options_.sinks) {
    elsewhere.insert(id);
    kept.insert(graph.node(id).inputs.begin(), graph.node(id).inputs.end());
    sunk_.push_back(id);
  }
  const std::vector<NodeId> host =
      options_.fuse ? riders(graph) : std::vector<NodeId>(graph.size(), -1);
  const pass::Placement placement = pass::place(graph, options_.batch, kept, elsewhere, host);
  arena_ = Buffer(static_cast<std::size_t>(placement.floats));
  for (NodeId id = 0; id < graph.size(); ++id)
    if (placement.offset[id] >= 0) addresses_[id] = arena_.data() + placement.offset[id];

  const auto lowering_of = [&](NodeId id) {
    const graph::Node& node = graph.node(id);
    std::vector<float*> inputs;
    for (const NodeId input : node.inputs) inputs.push_back(addresses_[input]);
    return cpu::Lowering{.graph = graph,
                         .node = node,
                         .batch = options_.batch,
                         .training = options_.training,
                         .threads = threads,
                         .state = state_,
                         .inputs = std::move(inputs),
                         .output = addresses_[id]};
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (comes_from_outside(node) || host[id] >= 0) continue;
    const cpu::Kernel& kernel = kernel_for(node);
    cpu::Lowering lowering = lowering_of(id);
    const auto sink = options_.sinks.find(id);
    const bool sinks = sink != options_.sinks.end();
    if (sinks) lowering.sink = &sink->second;
    for (NodeId rider = id + 1; rider < graph.size(); ++rider)
      if (host[rider] == id)
        lowering.riders.push_back(kernel_for(graph.node(rider)).piece(lowering_of(rider)));
    cpu::Step step =
        kernel.piece ? whole(kernel.piece(lowering), lowering) : kernel.lower(lowering);
    if (step) (sinks ? sinks_ : steps_).push_back(std::move(step));
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

bool Plan::can_sink(const graph::Node& node) { return kernel_for(node).sinks; }

void Plan::run_sinks() {
  for (const auto& sink : sinks_) sink();
}

bool Plan::sinks_stay_finite() const {
  for (const NodeId id : sunk_) {
    // Each element is a sum, over the batch, of products of the inputs' elements.
    double bound = 2.0 * static_cast<double>(options_.batch);  // twice, for the roundings
    for (const NodeId input : graph_.node(id).inputs)
      bound *= cpu::largest_magnitude(
          address(input), static_cast<std::size_t>(graph_.node(input).type.size(options_.batch)),
          threads_);
    if (!(bound < std::numeric_limits<float>::max())) return false;
  }
  return true;
}

std::span<const float> Plan::value(NodeId id) const {
  const graph::Node& node = graph_.node(id);
  if (!options_.keep.contains(id) && !options_.bound.contains(id) && !comes_from_outside(node))
    fail("the plan does not keep '", node.label, "'");
  return {address(id), static_cast<std::size_t>(node.type.size(options_.batch))};
}

}  // namespace rectify::run
