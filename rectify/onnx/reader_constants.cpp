// How a Reader applies constants to values: a scale and a shift, and the positions of a sequence.

#include <algorithm>
#include <cmath>

#include "rectify/graph/operator.h"
#include "rectify/graph/positions.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx {

namespace {

/// The only axis of `extents` along which a constant varies; -1 for none, -2 for several. Throws
/// Unmapped if it cannot be broadcast to `extents`, or varies along the batch.
int axis_of(const Constant& c, const std::vector<std::int64_t>& extents, const std::string& where) {
  const std::size_t rank = c.extents.size(), all = extents.size() + 1;
  int axis = -1;
  for (std::size_t i = 0; i < rank; ++i) {
    if (c.extents[i] == 1) continue;
    const std::size_t at = i + all - rank;  // with the batch as axis 0
    if (rank > all || at == 0 || c.extents[i] != extents[at - 1])
      throw Unmapped(where + " has a constant that does not spread over the other value");
    axis = axis == -1 ? static_cast<int>(at) - 1 : -2;
  }
  return axis;
}

/// A constant broadcast to `extents`: its numbers for all elements, in row-major order.
std::vector<double> spread(const Constant& c, const std::vector<std::int64_t>& extents) {
  const std::vector<float> numbers = c.as_floats();
  std::int64_t size = 1;
  for (const std::int64_t e : extents) size *= e;
  std::vector<double> all(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) {
    std::int64_t rest = i, at = 0, step = 1;
    for (std::size_t k = 0; k < extents.size(); ++k) {
      const std::size_t axis = extents.size() - 1 - k;
      const std::int64_t index = rest % extents[axis];
      rest /= extents[axis];
      if (k >= c.extents.size()) continue;
      const std::int64_t own = c.extents[c.extents.size() - 1 - k];
      at += own == 1 ? 0 : index * step;
      step *= own;
    }
    all[static_cast<std::size_t>(i)] = numbers[static_cast<std::size_t>(at)];
  }
  return all;
}

/// A number for each of `count` places, in `order`; a constant of one number gives it to all.
std::vector<float> placed(const Constant& c, std::int64_t count,
                          const std::vector<std::int64_t>& order) {
  const std::vector<float> numbers = c.as_floats();
  std::vector<float> at(static_cast<std::size_t>(count), numbers.empty() ? 0.0f : numbers[0]);
  if (numbers.size() > 1)
    for (std::size_t i = 0; i < order.size(); ++i)
      at[static_cast<std::size_t>(order[i])] = numbers[i];
  return at;
}

}  // namespace

std::optional<Value> Reader::positions(const Value& x, const Constant& c, const std::string& where,
                                       const std::string& name) {
  const View view = this->view(x, where);
  std::vector<std::int64_t> extents = c.extents;
  while (extents.size() > view.axes.size() && extents.front() == 1) extents.erase(extents.begin());
  if (extents.size() < 2 || extents != view.extents() || c.whole) return std::nullopt;
  const std::vector<std::int64_t> order = order_of(view);
  std::vector<float> numbers(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    numbers[static_cast<std::size_t>(order[i])] = c.floats[i];
  graph::NodeId node = view.node;
  if (graph().node(node).type.shape.rank() < 2) node = shaped(node, Shape(extents));
  const std::int64_t channels = graph().node(node).type.shape.back();
  bool sines = true;
  for (std::int64_t i = 0; sines && i < view.size(); ++i)
    sines = std::abs(numbers[static_cast<std::size_t>(i)] -
                     graph::sinusoid(i / channels, i % channels, channels)) <= 1e-7;
  graph::Attributes attributes;
  attributes.set("kind", std::string(sines ? "sinusoidal" : "learned"));
  node = graph::find_operator("positions")->build(graph(), node, attributes, free_label(name));
  if (!sines) set_numbers(graph().node(node).label + ".weight", std::move(numbers));
  return Value{.view = {node, view.axes}};
}

bool Reader::normalises(const Value& x, const std::vector<double>& scale,
                        const std::vector<double>& shift) {
  if (!is_input(x)) return false;
  const auto at = [](const std::vector<double>& v, std::size_t i) {
    return v.size() == 1 ? v[0] : v[i];
  };
  const std::size_t count = std::max({scale.size(), shift.size(), input_scale_.size()});
  const std::vector<std::int64_t> order =
      count == 1 ? std::vector<std::int64_t>{0} : order_of(x.view);
  std::vector<double> a(count), b(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto to = static_cast<std::size_t>(order[i]);
    a[to] = at(input_scale_, to) * at(scale, i);
    b[to] = at(input_shift_, to) * at(scale, i) + at(shift, i);
    if (a[to] == 0 && b[to] != 0) return false;  // (x - mean) * 0 is 0 alone
  }
  input_scale_ = std::move(a);
  input_shift_ = std::move(b);
  return true;
}

Value Reader::affine(const Value& x, const Constant& scale, const Constant& shift,
                     const std::string& where, bool only) {
  View view = this->view(x, where);
  std::vector<std::int64_t> extents = view.extents();
  const int a = axis_of(scale, extents, where), b = axis_of(shift, extents, where);
  int axis = a == -1 ? b : b == -1 || a == b ? a : -2;
  if (view.size() > most_spread && axis == -2)
    throw Unmapped(concat(where, " has a constant for each of ", view.size(), " numbers"));
  const bool spreads = axis != -1 && view.size() <= most_spread;
  const auto all = [&](const Constant& c) {
    return spreads ? spread(c, extents) : std::vector<double>{c.scalar()};
  };
  if (only && (spreads || axis == -1) && normalises(x, all(scale), all(shift)))
    return Value{.view = view};
  Constant scales = scale, shifts = shift;
  if (axis == -1) axis = extents.size() == 3 ? 0 : static_cast<int>(extents.size()) - 1;
  if (axis < 0) {  // one number for each element, or no axis but the batch
    const std::vector<double> s = all(scale), t = all(shift);
    scales = {.extents = {view.size()}, .floats = {s.begin(), s.end()}};
    shifts = {.extents = {view.size()}, .floats = {t.begin(), t.end()}};
    extents = {view.size()};
    view = *regrouped(view, extents);
    axis = 0;
  }
  const Channels c = channels(view, static_cast<std::size_t>(axis), where);
  graph::Attributes attributes;
  attributes.set("momentum", 0.1);
  attributes.set("epsilon", 1e-12);  // so small that the root of 1 + epsilon is 1
  attributes.set("affine", std::string("yes"));
  const graph::NodeId node =
      graph::find_operator("batch_norm")->build(graph(), c.node, attributes, {});
  const std::string label = graph().node(node).label;
  const auto count = static_cast<std::size_t>(c.count);
  set_numbers(label + ".mean", std::vector<float>(count, 0.0f));
  set_numbers(label + ".variance", std::vector<float>(count, 1.0f));
  set_numbers(label + ".scale", placed(scales, c.count, c.order));
  set_numbers(label + ".shift", placed(shifts, c.count, c.order));
  return Value{.view = {node, this->view(x, where).axes}};
}

}  // namespace rectify::onnx
