// add, multiply, and the arithmetic around them: sums and products of two values, of a value and a
// constant, of the halves of a value (gate), of a value and its mean square (rms_norm).

#include <algorithm>
#include <cmath>

#include "rectify/graph/operator.h"
#include "rectify/onnx/attention.h"
#include "rectify/onnx/gate.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/pointwise.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

using Arguments = std::span<const double>;

double add(Arguments x) { return x[0] + x[1]; }
double subtract(Arguments x) { return x[0] - x[1]; }
double multiply(Arguments x) { return x[0] * x[1]; }
double divide(Arguments x) { return x[0] / x[1]; }

struct Arithmetic {
  std::string_view onnx;
  double (*f)(Arguments);
};
const Arithmetic arithmetic[] = {
    {"Add", add}, {"Sub", subtract}, {"Mul", multiply}, {"Div", divide}};

Constant one_number(double v) { return {.floats = {static_cast<float>(v)}}; }

Constant each(const Constant& c, double (*f)(double)) {
  Constant result{.extents = c.extents, .floats = c.as_floats()};
  for (float& v : result.floats) v = static_cast<float>(f(v));
  return result;
}

/// Joins a value with a constant that is not a single number, or the model's input with a constant.
Value with_constant(Reader& reader, std::string_view op, const std::vector<Value>& of,
                    const std::string& where, const std::string& name, bool only) {
  const bool second = of[1].constant != nullptr;
  const Value& x = of[second ? 0 : 1];
  const Constant& c = *of[second ? 1 : 0].constant;
  const Constant one = one_number(1), none = one_number(0);
  if (op == "Add" && !only)
    if (const auto sum = reader.positions(x, c, where, name)) return *sum;
  if (op == "Add") return reader.affine(x, one, c, where, only);
  if (op == "Mul") return reader.affine(x, c, none, where, only);
  if (op == "Sub" && second)
    return reader.affine(x, one, each(c, [](double v) { return -v; }), where, only);
  if (op == "Sub") return reader.affine(x, one_number(-1), c, where, only);
  if (!second) throw Unmapped(where + " divides a constant by a value");
  return reader.affine(x, each(c, [](double v) { return 1 / v; }), none, where, only);
}

/// `b` as a vector with a number for each channel of `a`, which has further axes; -1 if it is not
/// such a vector.
graph::NodeId row_of_channels(Reader& reader, const View& a, const View& b) {
  const Shape& shape = reader.graph().node(a.node).type.shape;
  if (a.axes.size() < 2 || a.axes.size() != b.axes.size() || b.size() != shape.back()) return -1;
  for (std::size_t i = 0; i < a.axes.size(); ++i) {
    if (extent_of(b.axes[i]) == 1) continue;
    const bool last = a.axes[i] == Axis{{shape.back(), 1}};
    if (!last || a.axes[i] != b.axes[i]) return -1;
  }
  return reader.shaped(b.node, Shape{b.size()});
}

/// Whether `b` is computed from `a` by a short chain of first inputs.
bool leads_to(const graph::Graph& graph, graph::NodeId a, graph::NodeId b) {
  for (int steps = 0; steps < 64 && b > a && !graph.node(b).inputs.empty(); ++steps)
    b = graph.node(b).inputs[0];
  return a == b;
}

Value of_two(Reader& reader, std::string_view op, const Value& first, const Value& second,
             const std::string& where) {
  View a = reader.view(first, where), b = reader.view(second, where);
  if (op == "Sub")
    b = reader.affine(Value{.view = b}, one_number(-1), one_number(0), where, false).view;
  if (op == "Div") throw Unmapped(where + " divides a value by another");
  const std::string ours = op == "Mul" ? "multiply" : "add";
  // A sum is written as residual(f), f(x) + x, in whichever order it comes.
  if (op != "Mul" && a.node != b.node && leads_to(reader.graph(), a.node, b.node)) std::swap(a, b);
  if (a.axes != b.axes && a.extents() == b.extents() && a.axes.size() == 2) {
    a = reader.ordered(a, where);
    b = reader.ordered(b, where);
  }
  if (a.axes == b.axes) {
    const Shape& shape = reader.graph().node(a.node).type.shape;
    const graph::NodeId other = reader.shaped(b.node, shape);
    return Value{.view = {reader.graph().add(ours, {a.node, other}), a.axes}};
  }
  if (op == "Mul") {
    if (b.size() > a.size()) std::swap(a, b);
    const graph::NodeId row = row_of_channels(reader, a, b);
    if (row >= 0) return Value{.view = {reader.graph().add(ours, {a.node, row}), a.axes}};
  }
  throw Unmapped(where + " joins values of different shapes or orders");
}

/// Before operator set 7 a second input spread over the first only where `broadcast` said so, from
/// the axis `axis` on.
void spread_as_of_old(Call& call, std::vector<Value>& arguments) {
  const Value& first = arguments[0];
  if (call.reader.operator_set() >= 7 || !arguments[1].constant || first.constant ||
      !call.attribute("axis"))
    return;
  const auto rank = static_cast<std::int64_t>(first.view.axes.size()) + 1;
  Constant c = *arguments[1].constant;
  const std::int64_t from = call.integer("axis", 0);
  const std::int64_t behind =
      rank - (from < 0 ? from + rank : from) - static_cast<std::int64_t>(c.extents.size());
  if (behind < 0 || behind > rank) fail(call.where(), " spreads beyond the other value's axes");
  c.extents.insert(c.extents.end(), static_cast<std::size_t>(behind), 1);
  arguments[1].constant = std::make_shared<Constant>(std::move(c));
}

void read(Call& call) {
  const auto found = std::ranges::find(arithmetic, call.node.op_type(), &Arithmetic::onnx);
  std::vector<Value> arguments = arguments_of(call);
  if (arguments.size() != 2) fail(call.where(), " has ", arguments.size(), " inputs instead of 2");
  spread_as_of_old(call, arguments);
  if (give_fit(call, arguments)) return;
  const std::string op = call.node.op_type(), where = call.where(), name = call.node.name();
  const bool constants = arguments[0].constant || arguments[1].constant;
  const int computed = arguments[0].constant ? 1 : 0;
  if (constants && call.alone(computed) && call.reader.is_input(arguments[computed]))
    return call.give(with_constant(call.reader, op, arguments, where, name, true));
  if (!constants && (op == "Mul" || op == "Div") && give_norm_or_gate(call, arguments)) return;
  if (!constants && op == "Sub" && give_centred(call, arguments)) return;
  give_pointwise(call, std::move(arguments), found->f,
                 [op, where, name](Reader& reader, const std::vector<Value>& of) {
                   if (of[0].constant || of[1].constant)
                     return with_constant(reader, op, of, where, name, false);
                   return of_two(reader, op, of[0], of[1], where);
                 });
}

/// Sum, Max, Min, Mean of any number of values.
void read_sum(Call& call) {
  const std::string where = call.where();
  give_pointwise(
      call, arguments_of(call),
      [](Arguments x) {
        double sum = 0;
        for (const double v : x) sum += v;
        return sum;
      },
      [where](Reader& reader, const std::vector<Value>& of) {
        Value sum = of[0];
        for (std::size_t i = 1; i < of.size(); ++i) sum = of_two(reader, "Add", sum, of[i], where);
        return sum;
      });
}

void read_max(Call& call) {
  const std::vector<Value> arguments = arguments_of(call);
  const bool max = call.node.op_type() == "Max";
  if (max && give_maxout(call, arguments)) return;
  const std::string where = call.where();
  give_pointwise(
      call, arguments,
      [max](Arguments x) {
        return max ? *std::ranges::max_element(x) : *std::ranges::min_element(x);
      },
      [where](Reader&, const std::vector<Value>&) -> Value {
        throw Unmapped(where + " is of several values");
      });
}

void write_add(Writer& writer, graph::NodeId id) {
  writer.append_for(id, "Add", {writer.input(id, 0), writer.input(id, 1)});
}

/// A vector with a number for each channel is broadcast over all places.
void write_multiply(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  std::string second = writer.input(id, 1);
  if (writer.rank(node.inputs[1]) < writer.rank(id)) {
    std::vector<std::int64_t> extents = writer.channel_extents(id);
    while (static_cast<std::int64_t>(extents.size()) + 1 < writer.rank(id))
      extents.insert(extents.begin(), 1);
    extents.insert(extents.begin(), 0);  // the batch stays
    second = writer.add("Reshape", {second, writer.constant(node.label + ".shape", extents)},
                        node.label + "_row");
  }
  writer.append_for(id, "Mul", {writer.input(id, 0), second});
}

}  // namespace

std::span<const Mapping> join() {
  static const Mapping all[] = {
      {.onnx = "Add", .read = read, .op = "add", .write = write_add},
      {.onnx = "Mul", .read = read, .op = "multiply", .write = write_multiply},
      {.onnx = "Sub", .read = read},
      {.onnx = "Div", .read = read},
      {.onnx = "Sum", .read = read_sum},
      {.onnx = "Max", .read = read_max},
      {.onnx = "Min", .read = read_max},
  };
  return all;
}

}  // namespace rectify::onnx::ops
