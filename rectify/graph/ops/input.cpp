// Values that come from outside: the samples or targets of a batch; parameters, which training
// changes by their gradients; and states, which training carries from step to step.

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type keep_type(const Graph&, const Node& node) { return node.type; }

Cost parameter_cost(const Graph&, const Node& node) {
  return {.parameters = node.type.shape.size()};
}

}  // namespace

std::span<const Operator> input() {
  static const Operator all[] = {
      {.name = "input",
       .summary = "samples or targets of a batch",
       .infer = keep_type,
       .given = true},
      {.name = "parameter",
       .summary = "numbers that training changes",
       .infer = keep_type,
       .cost = parameter_cost,
       .given = true},
      {.name = "state",
       .summary = "numbers that steps of training carry on",
       .infer = keep_type,
       .given = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
