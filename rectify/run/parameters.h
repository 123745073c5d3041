#pragma once

#include <string>
#include <vector>

#include "rectify/graph/graph.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run {

/// One parameter's or state's place in the flat memory of all.
struct ParameterSlot {
  std::string label;  ///< of its node: "dense1.weight"
  Shape shape;
  graph::NodeId node;
  std::size_t offset;  ///< in floats, on a cache line
  std::size_t size;    ///< in floats, padding not counted
  bool state;          ///< not learned: what steps of training carry on
};

/// Where the parameters and states of a graph stand in one flat buffer, in node order. Gradients
/// and the optimiser's state use buffers of the same layout, so that a sweep goes over flat memory;
/// what they have at a state is not used.
class ParameterLayout {
 public:
  explicit ParameterLayout(const graph::Graph& graph);

  const std::vector<ParameterSlot>& slots() const { return slots_; }
  const ParameterSlot& slot_of(graph::NodeId node) const;
  std::size_t floats() const { return floats_; }  ///< padding included
  std::size_t count() const;                      ///< of parameters, padding not counted

 private:
  std::vector<ParameterSlot> slots_;
  std::size_t floats_ = 0;
};

}  // namespace rectify::run
