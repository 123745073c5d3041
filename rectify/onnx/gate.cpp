#include "rectify/onnx/gate.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "rectify/graph/operator.h"
#include "rectify/onnx/pointwise.h"

namespace rectify::onnx {

namespace {

/// The node whose last axis is cut into parts, if the axis lies in order; else -1.
graph::NodeId cut_node(Call& call, const Value& part) {
  const auto axis = static_cast<std::size_t>(part.part_axis);
  const Reader::Channels c = call.reader.channels(part.view, axis, call.where());
  return std::ranges::is_sorted(c.order) ? c.node : -1;
}

/// The view of a node that joins the parts of an axis: it has the axes of a part.
View uncut(const Value& part, graph::NodeId node, std::int64_t extent) {
  View view{node, part.view.axes};
  std::int64_t stride = 1;  // the axis is the last in memory, so all the others shrink with it
  for (std::size_t i = 0; i < view.axes.size(); ++i) {
    const std::int64_t old = extent_of(part.view.axes[static_cast<std::size_t>(part.part_axis)]);
    if (static_cast<int>(i) == part.part_axis) {
      view.axes[i] = extent == 1 ? Axis{} : Axis{{extent, stride}};
      continue;
    }
    for (Atom& atom : view.axes[i]) atom.stride = atom.stride / old * extent;
  }
  return view;
}

bool give_gate(Call& call, const std::vector<Value>& arguments) {
  const Value *first = &arguments[0], *second = &arguments[1];
  if (first->part_axis < 0 || first->part_axis != second->part_axis ||
      first->view.node != second->view.node || call.node.op_type() != "Mul")
    return false;
  if (first->part_first > second->part_first) std::swap(first, second);
  const auto whole = extent_of(first->view.axes[static_cast<std::size_t>(first->part_axis)]);
  if (first->part_first != 0 || first->part_size * 2 != whole ||
      second->part_first != first->part_size || second->part_size != first->part_size)
    return false;
  const Value* shaped = second->formula ? second : first;
  if (first->formula && second->formula) return false;
  graph::Attributes attributes;
  attributes.set("row", std::string("identity"));
  if (shaped->formula) {
    const auto row = row_of(*shaped->formula);
    if (!row) return false;
    for (const auto& [name, value] : row->all())
      if (name != "learn") attributes.set(name, value);
  }
  attributes.set("gate", std::string(shaped == second && shaped->formula ? "second" : "first"));
  const graph::NodeId node = cut_node(call, *first);
  if (node < 0) return false;
  const graph::NodeId gate = call.build("gate", node, attributes);
  call.give(uncut(*first, gate, first->part_size));
  return true;
}

/// The epsilon for which g(m) = sqrt(m + epsilon) or 1 / sqrt(m + epsilon).
std::optional<double> epsilon_of(const Formula& g, bool inverse) {
  const std::optional<Trial> trial = trial_of(g);
  for (const double epsilon : g.constants) {
    if (!(epsilon >= 1e-12 && epsilon <= 1)) continue;
    const bool fits = passes(trial, [&](double m, double y) {
      const double root = std::sqrt(m + epsilon), want = inverse ? 1 / root : root;
      return m < 0 || std::abs(y - want) <= 1e-6 * want;
    });
    if (fits) return epsilon;
  }
  return std::nullopt;
}

/// If a node `op` is the only one that reads `output`, and its other input is a constant of one
/// number a channel: returns that constant, skips the node, and sets `output` to its output.
const Constant* following(Call& call, const char* op, const View& x, std::size_t axis,
                          std::string& output) {
  const pb::NodeProto* user = call.reader.only_user(output);
  if (!user || user->op_type() != op || user->input_size() != 2 || user->output_size() != 1)
    return nullptr;
  const Constant* c = call.reader.known_constant(user->input(user->input(0) == output ? 1 : 0));
  const std::size_t behind = x.axes.size() - axis;
  if (!c || c->extents.size() < behind || c->size() != extent_of(x.axes[axis]) ||
      c->extents[c->extents.size() - behind] != c->size())
    return nullptr;
  call.reader.skip(*user);
  output = user->output(0);
  return c;
}

/// Numbers in ONNX's order of the channels, put into the order here.
std::vector<float> placed(const Constant* c, const Reader::Channels& channels, float otherwise) {
  std::vector<float> at(static_cast<std::size_t>(channels.count), otherwise);
  if (!c) return at;
  const std::vector<float> numbers = c->as_floats();
  for (std::size_t i = 0; i < numbers.size(); ++i)
    at[static_cast<std::size_t>(channels.order[i])] = numbers[i];
  return at;
}

/// Whether `mean` is the mean of the squares of `x`, or of `x` minus its mean.
bool is_mean_square(const Value& x, const Value& mean) {
  const bool same = x.view.node == mean.view.node && x.centred_axis == mean.centred_axis &&
                    (x.centred_axis < 0 || x.centred_axis == mean.mean_axis);
  if (!same || x.part_axis >= 0 || mean.part_axis >= 0 || !mean.formula) return false;
  const std::shared_ptr<Formula> agreement = compose(
      [](std::span<const double> v) {
        const double square = v[1] * v[1];
        return alike(v[0], square) || !std::isfinite(square) ? 1.0 : 0.0;
      },
      {{.formula = mean.formula}, {.formula = x.formula}});
  return passes(trial_of(*agreement), [](double, double y) { return y == 1; });
}

bool give_norm(Call& call, const std::vector<Value>& arguments) {
  const bool divides = call.node.op_type() == "Div";
  const bool first = arguments[0].mean_axis >= 0;
  Value x = arguments[first ? 1 : 0];
  const Value& mean = arguments[first ? 0 : 1];
  if (mean.mean_axis < 0 || x.mean_axis >= 0 || !mean.outer || (divides && first)) return false;
  if (!is_mean_square(x, mean) || (x.centred_axis >= 0 && x.formula)) return false;
  const std::optional<double> epsilon = epsilon_of(*mean.outer, !divides);
  if (!epsilon) return false;
  const bool centred = x.centred_axis >= 0;
  x.centred_axis = -1;
  const auto axis = static_cast<std::size_t>(mean.mean_axis);
  const View view = call.reader.view(x, call.where());
  const Reader::Channels c = call.reader.channels(view, axis, call.where());
  std::string output = call.node.output(0);
  const Constant* scale = following(call, "Mul", view, axis, output);
  const Constant* shift = centred ? following(call, "Add", view, axis, output) : nullptr;
  graph::Attributes attributes;
  attributes.set("epsilon", *epsilon);
  attributes.set("affine", std::string(scale || shift ? "yes" : "no"));
  const graph::NodeId node = call.build(centred ? "layer_norm" : "rms_norm", c.node, attributes);
  if (scale || shift) call.set_numbers(node, "scale", placed(scale, c, 1));
  if (centred && (scale || shift)) call.set_numbers(node, "shift", placed(shift, c, 0));
  call.reader.define(output, Value{.view = {node, view.axes}});
  return true;
}

}  // namespace

bool give_norm_or_gate(Call& call, const std::vector<Value>& arguments) {
  return give_gate(call, arguments) || give_norm(call, arguments);
}

bool give_centred(Call& call, const std::vector<Value>& arguments) {
  const Value &x = arguments[0], &mean = arguments[1];
  if (!x.whole() || mean.mean_axis < 0 || mean.centred_axis >= 0 || mean.part_axis >= 0 ||
      mean.formula || mean.outer)
    return false;
  Value centred{.view = call.reader.view(x, call.where())};
  if (centred.view.node != mean.view.node) return false;
  centred.centred_axis = mean.mean_axis;
  call.give(std::move(centred));
  return true;
}

bool give_maxout(Call& call, const std::vector<Value>& arguments) {
  std::int64_t next = 0;
  for (const Value& part : arguments) {
    const bool fits = part.part_axis >= 0 && !part.formula &&
                      part.part_axis == arguments[0].part_axis &&
                      part.view.node == arguments[0].view.node && part.part_first == next &&
                      part.part_size == arguments[0].part_size;
    if (!fits) return false;
    next += part.part_size;
  }
  const Value& first = arguments[0];
  if (next != extent_of(first.view.axes[static_cast<std::size_t>(first.part_axis)])) return false;
  const graph::NodeId node = cut_node(call, first);
  if (node < 0) return false;
  graph::Attributes attributes;
  attributes.set("pieces", static_cast<std::int64_t>(arguments.size()));
  call.give(uncut(first, call.build("maxout", node, attributes), first.part_size));
  return true;
}

}  // namespace rectify::onnx
