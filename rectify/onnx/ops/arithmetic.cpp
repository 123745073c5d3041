// Functions of two and more values in the general way, with repeated axes.
#include <algorithm>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

struct Named {
  std::string_view onnx, function;
  bool truth;
};
constexpr Named functions[] = {
    {"Add", "add", false},        {"And", "and", true},
    {"Div", "divide", false},     {"Equal", "equal", true},
    {"Greater", "greater", true}, {"GreaterOrEqual", "greater_equal", true},
    {"Less", "less", true},       {"LessOrEqual", "less_equal", true},
    {"Max", "max", false},        {"Mean", "add", false},
    {"Min", "min", false},        {"Mul", "multiply", false},
    {"Or", "or", true},           {"PRelu", "slope", false},
    {"Pow", "power", false},      {"Sub", "subtract", false},
    {"Sum", "add", false},        {"Xor", "xor", true}};

/// Before operator set 7 a second input was spread over the first from the axis `axis` on.
View spread_as_of_old(GeneralCall& call, const View& first, View second) {
  if (call.reader.operator_set() >= 7 || !call.attribute("axis")) return second;
  const std::size_t from = call.axis(call.integer("axis", 0), first.axes.size());
  if (from + second.axes.size() > first.axes.size())
    fail(call.where(), " spreads beyond the other value's axes");
  second.axes.resize(first.axes.size() - from);
  return second;
}

/// A slope a channel lies along axis 1 where a PRelu of old says only how many there are.
View slopes(const View& x, const View& slope) {
  View spread = slope;
  if (slope.axes.size() == 1 && x.axes.size() > 2 &&
      extent_of(slope.axes[0]) == extent_of(x.axes[1]) &&
      extent_of(slope.axes[0]) != extent_of(x.axes.back()))
    spread.axes.resize(x.axes.size() - 1);
  return spread;
}

void read(GeneralCall& call) {
  const auto found = std::ranges::find(functions, call.node.op_type(), &Named::onnx);
  const int count = call.node.input_size();
  if (count < 1) fail(call.where(), " has no inputs");
  std::string_view function = found->function;
  bool whole = true;
  for (int i = 0; i < count; ++i) whole = whole && call.tensor(i).whole;
  if (function == "divide" && whole) function = "quotient";
  View y = call.view(0);
  for (int i = 1; i < count; ++i) {
    View other = spread_as_of_old(call, y, call.view(i));
    if (found->onnx == "PRelu") other = slopes(y, other);
    y = call.pairwise(function, y, other);
  }
  if (found->onnx == "Mean") y = call.pairwise("divide", y, count);
  call.give(y, whole || found->truth);
}

void read_mod(GeneralCall& call) {
  const bool sign_of_first = call.integer("fmod", 0) != 0;
  call.give(call.pairwise(sign_of_first ? "remainder" : "modulo", call.view(0), call.view(1)),
            call.tensor(0).whole);
}

void read_where(GeneralCall& call) {
  call.give(call.choose(call.view(0), call.view(1), call.view(2)),
            call.tensor(1).whole && call.tensor(2).whole);
}

}  // namespace

std::span<const Mapping> arithmetic() {
  static const Mapping all[] = {
      {.onnx = "Add", .general = read},     {.onnx = "And", .general = read},
      {.onnx = "Div", .general = read},     {.onnx = "Equal", .general = read},
      {.onnx = "Greater", .general = read}, {.onnx = "GreaterOrEqual", .general = read},
      {.onnx = "Less", .general = read},    {.onnx = "LessOrEqual", .general = read},
      {.onnx = "Max", .general = read},     {.onnx = "Mean", .general = read},
      {.onnx = "Min", .general = read},     {.onnx = "Mul", .general = read},
      {.onnx = "Or", .general = read},      {.onnx = "PRelu", .general = read},
      {.onnx = "Pow", .general = read},     {.onnx = "Sub", .general = read},
      {.onnx = "Sum", .general = read},     {.onnx = "Xor", .general = read},
      {.onnx = "Mod", .general = read_mod}, {.onnx = "Where", .general = read_where},
  };
  return all;
}

}  // namespace rectify::onnx::ops
