// One number of the elements along axes, in the general way.
#include <algorithm>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

struct Named {
  std::string_view onnx, function;
};
constexpr Named functions[] = {{"ReduceL1", "l1"},          {"ReduceL2", "l2"},
                               {"ReduceLogSum", "log_sum"}, {"ReduceLogSumExp", "log_sum_exp"},
                               {"ReduceMax", "max"},        {"ReduceMean", "mean"},
                               {"ReduceMin", "min"},        {"ReduceProd", "product"},
                               {"ReduceSum", "sum"},        {"ReduceSumSquare", "sum_square"}};

View without(const View& x, const std::vector<std::size_t>& axes) {
  View kept{x.node, {}};
  for (std::size_t i = 0; i < x.axes.size(); ++i)
    if (std::ranges::count(axes, i) == 0) kept.axes.push_back(x.axes[i]);
  return kept;
}

void read(GeneralCall& call) {
  const auto found = std::ranges::find(functions, call.node.op_type(), &Named::onnx);
  const View x = call.view(0);
  std::vector<std::size_t> axes = call.axes(call.list(1, "axes"), x.axes.size());
  if (axes.empty() && call.integer("noop_with_empty_axes", 0) != 0)
    return call.give(x, call.tensor(0).whole);
  if (axes.empty()) axes = natural_order(x.axes.size());
  const View y = x.axes.empty() ? x : call.reduce(x, found->function, axes);
  call.give(call.integer("keepdims", 1) != 0 ? y : without(y, axes), call.tensor(0).whole);
}

void read_arg(GeneralCall& call) {
  const View x = call.view(0);
  const std::size_t axis = call.axis(call.integer("axis", 0), x.axes.size());
  if (call.integer("select_last_index", 0) != 0) call.unmapped("takes the last of equal numbers");
  const View y = call.reduce(x, call.node.op_type() == "ArgMax" ? "argmax" : "argmin", {axis});
  call.give(call.integer("keepdims", 1) != 0 ? y : without(y, {axis}), true);
}

}  // namespace

std::span<const Mapping> reductions() {
  static const Mapping all[] = {
      {.onnx = "ReduceL1", .general = read},     {.onnx = "ReduceL2", .general = read},
      {.onnx = "ReduceLogSum", .general = read}, {.onnx = "ReduceLogSumExp", .general = read},
      {.onnx = "ReduceMax", .general = read},    {.onnx = "ReduceMean", .general = read},
      {.onnx = "ReduceMin", .general = read},    {.onnx = "ReduceProd", .general = read},
      {.onnx = "ReduceSum", .general = read},    {.onnx = "ReduceSumSquare", .general = read},
      {.onnx = "ArgMax", .general = read_arg},   {.onnx = "ArgMin", .general = read_arg},
  };
  return all;
}

}  // namespace rectify::onnx::ops
