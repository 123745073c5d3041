#include "rectify/run/plan.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/fuse.h"
#include "rectify/pass/placement.h"
#include "rectify/pass/precision.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/scratch.h"

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

/// A reduction as one step.
cpu::Step whole(cpu::Reduction reduction, const cpu::Lowering& lowering) {
  if (!reduction.piece) return reduction.finish;
  const auto samples = static_cast<std::size_t>(lowering.batch);
  return [reduction = std::move(reduction), samples, size = lowering.input_size(0) / samples,
          &threads = lowering.threads] {
    cpu::for_rows(threads, samples, size, [&](std::size_t first, std::size_t n) {
      reduction.piece(first * size, n * size);
    });
    reduction.finish();
  };
}

bool reduces(const graph::Graph& graph, const graph::Node& node) {
  const cpu::Kernel& kernel = kernel_for(node);
  return kernel.reduces && kernel.reduces(graph, node);
}

cpu::Step step_of(const cpu::Kernel& kernel, const cpu::Lowering& lowering) {
  if (reduces(lowering.graph, lowering.node)) return whole(kernel.reduce(lowering), lowering);
  return kernel.piece ? whole(kernel.piece(lowering), lowering) : kernel.lower(lowering);
}

/// One piece after the other, for parts that stay in the nearest cache.
cpu::Piece together(std::vector<cpu::Piece> pieces) {
  if (pieces.size() == 1) return pieces[0];
  return [pieces = std::move(pieces)](std::size_t first, std::size_t count) {
    for (const std::size_t end = first + count; first < end; first += cpu::part_elements)
      for (const cpu::Piece& piece : pieces)
        piece(first, std::min(cpu::part_elements, end - first));
  };
}

/// What is computed along with a host: by pieces while it is in cache, and after its step.
class Along {
 public:
  explicit Along(const cpu::Lowering& host) : host_(host) {}

  void add(const cpu::Lowering& rider) {
    for (std::size_t i = 0; i < rider.inputs.size(); ++i)
      add_beside(rider.inputs[i], rider.graph.input(rider.node, i).type);
    add_beside(rider.output, rider.node.type);
    const cpu::Kernel& kernel = kernel_for(rider.node);
    if (kernel.piece) return pieces_.push_back(kernel.piece(rider));
    cpu::Reduction reduction = kernel.reduce(rider);
    end_pieces();
    if (reduction.piece) riders_.pieces.push_back(std::move(reduction.piece));
    after_.push_back(std::move(reduction.finish));
  }
  cpu::Riders riders() {
    end_pieces();
    return std::move(riders_);
  }
  cpu::Step and_after(cpu::Step step) {
    if (after_.empty()) return step;
    return [step = std::move(step), after = std::move(after_)] {
      step();
      for (const cpu::Step& next : after) next();
    };
  }

 private:
  void end_pieces() {
    if (!pieces_.empty()) riders_.pieces.push_back(together(std::exchange(pieces_, {})));
  }
  void add_beside(const float* values, const Type& type) {
    const bool is_known =
        values == host_.output || std::ranges::any_of(riders_.beside, [&](const cpu::Beside& b) {
          return b.values == values;
        });
    if (!is_known && static_cast<std::size_t>(type.size(host_.batch)) == host_.output_size())
      riders_.beside.push_back({values, type.element});
  }

  const cpu::Lowering& host_;
  std::vector<cpu::Piece> pieces_;
  cpu::Riders riders_;
  std::vector<cpu::Step> after_;
};

pass::Rewritten same(const graph::Graph& graph) {
  std::vector<NodeId> at(static_cast<std::size_t>(graph.size()));
  std::iota(at.begin(), at.end(), 0);
  return {graph, std::move(at)};
}

/// What is computed for a graph, and where in it the graph's nodes are.
pass::Rewritten lowered(const graph::Graph& graph, const PlanOptions& options) {
  return options.bfloat16 ? in_bfloat16(graph, options.keep) : same(graph);
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
    const std::string_view op = now.graph.node(id).op->name;
    if (op != "parameter" && op != "state") continue;
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
  const std::vector<NodeId> host =
      options.fuse ? riders(now.graph) : std::vector<NodeId>(now.graph.size(), -1);
  return pass::place(now.graph, options.batch, kept, elsewhere, host);
}

}  // namespace

std::shared_ptr<Arena> Arena::unreserved() {
  auto arena = std::make_shared<Arena>();
  arena->reserved_ = false;
  return arena;
}

float* Arena::reserve(std::size_t wanted) {
  if (blocks_.empty() || wanted > blocks_.back().size())
    blocks_.push_back(reserved_ ? Buffer(wanted) : Buffer::unreserved(wanted));
  return blocks_.back().data();
}

std::size_t Plan::arena_floats(const graph::Graph& graph, const PlanOptions& options) {
  return static_cast<std::size_t>(placement_of(lowered(graph, options), options).floats);
}

bool has_bfloat16_products() { return cpu::has_bfloat16_products(); }

pass::Rewritten in_bfloat16(const graph::Graph& graph, const std::set<NodeId>& kept) {
  const auto narrow = [](const graph::Graph& of, const graph::Node& node) {
    const auto when = kernel_for(node).narrow;
    return when ? when(of, node) : pass::Narrow::never;
  };
  return pass::with_bfloat16_products(graph, narrow, kept);
}

std::vector<NodeId> riders(const graph::Graph& graph) {
  return pass::fuse(
      graph, [](const graph::Node& n) { return !n.op->given && kernel_for(n).hosts; },
      [](const graph::Node& n) { return !n.op->given && kernel_for(n).piece; },
      [&](const graph::Node& host, const graph::Node& n) {
        return !host.op->given && !n.op->given && kernel_for(host).whole_samples &&
               reduces(graph, n);
      });
}

Plan::Plan(const graph::Graph& graph, const ParameterLayout& layout, float* parameters,
           ThreadPool& threads, PlanOptions options)
    : options_(std::move(options)), threads_(threads) {
  pass::Rewritten now = lowered(graph, options_);
  const pass::Placement placement = placement_of(now, options_);
  arena_ = options_.arena ? options_.arena : std::make_shared<Arena>();
  arena_floats_ = static_cast<std::size_t>(placement.floats);
  float* const arena = arena_->reserve(arena_floats_);
  graph_ = std::move(now.graph);
  at_ = std::move(now.at);
  addresses_.assign(graph_.size(), nullptr);
  for (NodeId id = 0; id < graph_.size(); ++id)
    if (placement.offset[id] >= 0) addresses_[id] = arena + placement.offset[id];
  for (const ParameterSlot& slot : layout.slots()) {
    addresses_[at_[slot.node]] = parameters + slot.offset;
    for (const NodeId user : graph_.users(at_[slot.node]))
      if (is_kept_rounded(graph_.node(user), options_)) {
        addresses_[user] = options_.rounded->at(slot.offset);
        given_.insert(user);
      }
  }
  for (const auto& [id, memory] : options_.bound) addresses_[at_[id]] = memory;
  for (const auto& [id, sink] : options_.sinks) sunk_.push_back(at_[id]);
  lower();
}

// Makes each node a step.
void Plan::lower() {
  const cpu::ScratchLog scratch;
  const std::vector<NodeId> host =
      options_.fuse ? riders(graph_) : std::vector<NodeId>(graph_.size(), -1);
  const auto lowering_of = [&](NodeId id) {
    const graph::Node& node = graph_.node(id);
    std::vector<float*> inputs;
    for (const NodeId input : node.inputs) inputs.push_back(addresses_[input]);
    return cpu::Lowering{.graph = graph_,
                         .node = node,
                         .batch = options_.batch,
                         .training = options_.training,
                         .winograd = options_.winograd,
                         .threads = threads_,
                         .state = state_,
                         .inputs = std::move(inputs),
                         .output = addresses_[id]};
  };
  std::map<NodeId, const GradientSink*> sinks;
  for (const auto& [id, sink] : options_.sinks) sinks[at_[id]] = &sink;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const graph::Node& node = graph_.node(id);
    if (node.op->given || given_.contains(id) || host[id] >= 0) continue;
    const cpu::Kernel& kernel = kernel_for(node);
    cpu::Lowering lowering = lowering_of(id);
    const auto sink = sinks.find(id);
    if (sink != sinks.end()) lowering.sink = sink->second;
    StepProfile profile = describe_step(graph_, node, options_.batch, !lowering.sink);
    profile.implementation = cpu::implementation(kernel, lowering);
    Along along(lowering);
    for (NodeId rider = id + 1; rider < graph_.size(); ++rider)
      if (host[rider] == id) {
        along.add(lowering_of(rider));
        add_rider(profile, graph_, graph_.node(rider), options_.batch);
      }
    lowering.riders = along.riders();
    cpu::Step step = along.and_after(step_of(kernel, lowering));
    if (!step) continue;
    if (options_.profile || step_observer()) step = watched(std::move(step), std::move(profile));
    (lowering.sink ? sinks_ : steps_).push_back(std::move(step));
  }
  scratch_bytes_ = scratch.bytes(threads_.threads());
}

// The step with a clock around it.
std::function<void()> Plan::watched(std::function<void()> step, StepProfile profile) {
  if (step_observer()) step_observer()(profile);
  profile_.push_back(std::move(profile));
  return [step = std::move(step), &profile = profile_.back(), observer = step_observer()] {
    const auto begin = std::chrono::steady_clock::now();
    step();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    ++profile.runs;
    profile.seconds += taken.count();
    if (!observer) return;
    StepProfile once = profile;
    once.seconds = taken.count();
    observer(once);
  };
}

Plan::~Plan() = default;

float* Plan::address(NodeId lowered) const {
  float* const memory = addresses_[static_cast<std::size_t>(lowered)];
  if (!memory) fail("the plan has no memory for '", graph_.node(lowered).label, "'");
  return memory;
}

float* Plan::input(NodeId id) { return address(at_[static_cast<std::size_t>(id)]); }

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
    // Each element is a sum, over the rows of the batch, of products of the inputs' elements.
    const NodeId last = graph_.node(id).inputs.back();
    const double rows = static_cast<double>(graph_.node(last).type.size(options_.batch)) /
                        static_cast<double>(graph::last_extent(graph_, last));
    double bound = 2 * rows;  // twice, for the roundings
    for (const NodeId input : graph_.node(id).inputs) {
      const Type& type = graph_.node(input).type;
      bound *=
          cpu::largest_magnitude(address(input), type.element,
                                 static_cast<std::size_t>(type.size(options_.batch)), threads_);
    }
    if (!(bound < std::numeric_limits<float>::max())) return false;
  }
  return true;
}

std::span<const float> Plan::value(NodeId id) const {
  const NodeId lowered = at_[static_cast<std::size_t>(id)];
  const graph::Node& node = graph_.node(lowered);
  if (!options_.keep.contains(id) && !options_.bound.contains(id) && !node.op->given)
    fail("the plan does not keep '", node.label, "'");
  return {address(lowered), static_cast<std::size_t>(node.type.size(options_.batch))};
}

}  // namespace rectify::run
