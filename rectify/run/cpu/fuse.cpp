#include "rectify/run/cpu/fuse.h"

#include <algorithm>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/pass/fuse.h"

namespace rectify::run::cpu {

namespace {

/// An element-wise value as one step.
Step whole(Piece piece, const Lowering& lowering) {
  return [piece = std::move(piece), size = lowering.output_size(), &threads = lowering.threads] {
    for_elements(threads, size, piece);
  };
}

/// A reduction as one step.
Step whole(Reduction reduction, const Lowering& lowering) {
  if (!reduction.piece) return reduction.finish;
  const auto samples = static_cast<std::size_t>(lowering.batch);
  return [reduction = std::move(reduction), samples, size = lowering.input_size(0) / samples,
          &threads = lowering.threads] {
    for_rows(threads, samples, size,
             [&](std::size_t first, std::size_t n) { reduction.piece(first * size, n * size); });
    reduction.finish();
  };
}

Step alone(const Kernel& kernel, const Lowering& lowering) {
  if (reduces(lowering.graph, lowering.node)) return whole(kernel.reduce(lowering), lowering);
  return kernel.piece ? whole(kernel.piece(lowering), lowering) : kernel.lower(lowering);
}

/// One piece after the other, for parts that stay in the nearest cache.
Piece together(std::vector<Piece> pieces) {
  if (pieces.size() == 1) return pieces[0];
  return [pieces = std::move(pieces)](std::size_t first, std::size_t count) {
    for (const std::size_t end = first + count; first < end; first += part_elements)
      for (const Piece& piece : pieces) piece(first, std::min(part_elements, end - first));
  };
}

/// Collects the operators of a task that are fused with its main one: what they do by pieces while
/// a part is in cache, and what after the step.
class Fusing {
 public:
  explicit Fusing(const Operation& host) : host_(host) {}

  void add(const Operation& fused) {
    for (const Storage& input : fused.inputs) add_beside(input);
    add_beside(fused.value);
    const Kernel& kernel = kernel_for(fused.node);
    if (kernel.piece) return pieces_.push_back(kernel.piece({fused}));
    Reduction reduction = kernel.reduce({fused});
    end_pieces();
    if (reduction.piece) ops_.pieces.push_back(std::move(reduction.piece));
    after_.push_back(std::move(reduction.finish));
  }
  FusedOps ops() {
    end_pieces();
    return std::move(ops_);
  }
  Step and_after(Step step) {
    if (after_.empty()) return step;
    return [step = std::move(step), after = std::move(after_)] {
      step();
      for (const Step& next : after) next();
    };
  }

 private:
  void end_pieces() {
    if (!pieces_.empty()) ops_.pieces.push_back(together(std::exchange(pieces_, {})));
  }
  void add_beside(const Storage& value) {
    const auto is_there = [&](const Storage& b) { return b.data == value.data; };
    const bool is_known = is_there(host_.value) || std::ranges::any_of(ops_.beside, is_there);
    if (!is_known && value.count == host_.output_size()) ops_.beside.push_back(value);
  }

  const Operation& host_;
  std::vector<Piece> pieces_;
  FusedOps ops_;
  std::vector<Step> after_;
};

}  // namespace

const Kernel& kernel_for(const graph::Node& node) {
  for (const Kernel* kernel : kernels())
    if (kernel->op == node.op->name) return *kernel;
  fail(graph::where(node), " cannot run on the CPU: it has no kernel");
}

bool reduces(const graph::Graph& graph, const graph::Node& node) {
  const Kernel& kernel = kernel_for(node);
  return kernel.reduces && kernel.reduces(graph, node);
}

std::vector<graph::NodeId> fuse(const graph::Graph& graph) {
  return pass::fuse(
      graph, [](const graph::Node& n) { return !n.op->given && kernel_for(n).hosts; },
      [](const graph::Node& n) { return !n.op->given && kernel_for(n).piece; },
      [&](const graph::Node& host, const graph::Node& n) {
        return !host.op->given && !n.op->given && kernel_for(host).whole_samples &&
               reduces(graph, n);
      });
}

Step step_of(const Task& task) {
  Fusing fusing(task.main);
  for (const Operation& fused : task.fused) fusing.add(fused);
  const Lowering lowering{task.main, fusing.ops()};
  return fusing.and_after(alone(kernel_for(task.main.node), lowering));
}

}  // namespace rectify::run::cpu
