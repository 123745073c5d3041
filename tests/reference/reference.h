#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "rectify/graph/operator.h"
#include "rectify/run/plan.h"

namespace rectify::run::reference {

/// A value of every node, in double precision; int32 inputs are stored as numbers.
using Values = std::vector<std::vector<double>>;

/// What one operator's loop may use.
struct Context {
  const graph::Graph& graph;
  const graph::Node& node;
  std::int64_t batch;
  bool training;
  RunState state;
  const Values& values;
  std::vector<double>& output;  ///< already of the right size, all zeros

  const std::vector<double>& in(std::size_t i) const {
    return values[static_cast<std::size_t>(node.inputs[i])];
  }
  const Shape& shape(std::size_t i) const { return graph.input(node, i).type.shape; }
  /// Rows of the first input: its last axis is one.
  std::int64_t rows() const {
    return static_cast<std::int64_t>(in(0).size()) / graph::last_extent(graph, node.inputs[0]);
  }
  bool class_targets() const { return graph.input(node, 1).type.element == Element::int32; }
  /// The target of output j of row i of a loss, as run/cpu/loss.h defines it.
  double target(std::int64_t i, std::int64_t j) const;
};

struct Loop {
  std::string_view op;
  void (*run)(Context& context);
};

/// All loops: those of every file in tests/reference/ops/ (the build collects them).
std::span<const Loop* const> loops();

/// Evaluates every node of `graph` by naive loops in double precision: the oracle that the tests
/// hold the kernels against. `given` holds the inputs and parameters. Where some nodes are
/// `wanted`, these and what they are computed from have values, and no others.
Values evaluate(const graph::Graph& graph, std::int64_t batch, bool training, RunState state,
                const std::map<graph::NodeId, std::vector<double>>& given,
                std::span<const graph::NodeId> wanted = {});

}  // namespace rectify::run::reference
