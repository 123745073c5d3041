#pragma once

#include <vector>

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu {

/// The kernel of a node. Throws Error when it has none.
const Kernel& kernel_for(const graph::Node& node);

/// Whether the node's value is a sum that its kernel can take part by part.
bool reduces(const graph::Graph& graph, const graph::Node& node);

/// Which nodes are computed together with which, as pass::fuse() says.
std::vector<graph::NodeId> fuse(const graph::Graph& graph);

/// A task as one step: the node, the operators that are fused with it part by part, and what is
/// left of these when all parts are there.
Step step_of(const Task& task);

}  // namespace rectify::run::cpu
