// What the mappings of operators build with.

#include <algorithm>
#include <cmath>

#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/general.h"

namespace rectify::onnx {

namespace {

/// A view with axes of extent 1 in front, so that it has `rank` of them.
View with_rank(View view, std::size_t rank) {
  view.axes.insert(view.axes.begin(), rank - view.axes.size(), Axis{});
  return view;
}

}  // namespace

const Tensor& GeneralCall::tensor(int i) const {
  if (!has(i)) fail(where(), " lacks its input ", i);
  return reader.tensor(node.input(i), where());
}

const Constant& GeneralCall::constant(int i) const {
  const Tensor& tensor = this->tensor(i);
  if (!tensor.constant)
    unmapped("reads '", node.input(i),
             "', which is computed from the input; only a constant is "
             "read there");
  return *tensor.constant;
}

std::vector<std::int64_t> GeneralCall::list(int input, std::string_view name) const {
  if (!has(input)) return integers(name);
  const Constant& c = constant(input);
  if (!c.whole || c.extents.size() > 1)
    fail(where(), " wants a list of whole numbers as input ", input);
  return c.integers;
}

std::size_t GeneralCall::axis(std::int64_t axis, std::size_t rank) const {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count)
    fail(where(), " has an axis ", axis, " but its input has ", rank);
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

std::vector<std::size_t> GeneralCall::axes(const std::vector<std::int64_t>& given,
                                           std::size_t rank) const {
  std::vector<std::size_t> found;
  for (const std::int64_t one : given) found.push_back(axis(one, rank));
  std::ranges::sort(found);
  if (std::ranges::adjacent_find(found) != found.end()) fail(where(), " names an axis twice");
  return found;
}

void GeneralCall::give(Tensor tensor, int output) {
  if (output >= node.output_size()) {
    if (output == 0) fail(where(), " has no output");
    return;
  }
  if (!tensor.constant && tensor.view.size() > most_numbers)
    unmapped("makes ", tensor.view.size(), " numbers a sample; 2^28 at most are made");
  if (!node.output(output).empty()) reader.define(node.output(output), std::move(tensor));
}

void GeneralCall::give(Constant constant, int output) {
  const bool whole = constant.whole;
  give(Tensor{.constant = std::make_shared<Constant>(std::move(constant)), .whole = whole}, output);
}

View GeneralCall::apply(const View& x, std::string_view function, double a, double b) {
  graph::Attributes attributes;
  attributes.set("function", std::string(function));
  attributes.set("a", a);
  attributes.set("b", b);
  return {reader.build("apply", x.node, attributes, {}), x.axes};
}

View GeneralCall::pairwise(std::string_view function, const View& a, const View& b) {
  graph::Attributes attributes;
  attributes.set("function", std::string(function));
  const Type &type = graph().node(a.node).type, &other = graph().node(b.node).type;
  if (a.axes == b.axes && type.shape.size() == other.shape.size()) {
    const graph::NodeId second = reader.shaped(b.node, type.shape);
    const bool ours =
        (function == "add" || function == "multiply") && type.per_sample == other.per_sample;
    const graph::NodeId y = ours ? graph().add(function, {a.node, second})
                                 : graph().add("pairwise", {a.node, second}, attributes);
    return {y, a.axes};
  }
  const std::size_t rank = std::max(a.axes.size(), b.axes.size());
  const View x = with_rank(a, rank), z = with_rank(b, rank);
  const std::vector<std::size_t> order = memory_order(x.size() >= z.size() ? x : z);
  const graph::NodeId first = reader.laid(permuted(x, order)),
                      second = reader.laid(permuted(z, order));
  return reader.view_of(graph().add("pairwise", {first, second}, attributes), order);
}

View GeneralCall::row_of_numbers(std::vector<float> numbers, std::vector<std::int64_t> extents) {
  Constant constant{.extents = std::move(extents), .floats = std::move(numbers)};
  return reader.view(Tensor{.constant = std::make_shared<Constant>(std::move(constant))}, where());
}

View GeneralCall::pairwise(std::string_view function, const View& a, double b) {
  return pairwise(function, a, row_of_numbers({static_cast<float>(b)}, {}));
}

View GeneralCall::choose(const View& c, const View& a, const View& b) {
  const std::size_t rank = std::max({c.axes.size(), a.axes.size(), b.axes.size()});
  const std::vector<View> views = {with_rank(c, rank), with_rank(a, rank), with_rank(b, rank)};
  const View& largest = *std::ranges::max_element(views, {}, &View::size);
  const std::vector<std::size_t> order = memory_order(largest);
  std::vector<graph::NodeId> nodes;
  for (const View& view : views) nodes.push_back(reader.laid(permuted(view, order)));
  return reader.view_of(graph().add("choose", nodes), order);
}

View GeneralCall::reduce(const View& x, std::string_view function,
                         const std::vector<std::size_t>& axes) {
  const std::vector<std::size_t> order = memory_order(x);
  std::vector<std::int64_t> there;
  for (std::size_t i = 0; i < order.size(); ++i)
    if (std::ranges::count(axes, order[i]) > 0) there.push_back(static_cast<std::int64_t>(i));
  graph::Attributes attributes;
  attributes.set("function", std::string(function));
  attributes.set("axes", graph::list_text(there));
  return reader.view_of(reader.build("reduce", reader.laid(permuted(x, order)), attributes, {}),
                        order);
}

View GeneralCall::reshaped(const View& x, const std::vector<std::int64_t>& extents) {
  if (checked_size(extents, where()) != x.size())
    fail(where(), " makes ", Shape(extents).text(), " of ", x.size(), " numbers");
  if (const auto view = regrouped(x, extents)) return *view;
  return *regrouped(natural_view(graph(), reader.laid(x)), extents);
}

View GeneralCall::cut(const View& x, const std::vector<std::int64_t>& first,
                      const std::vector<std::int64_t>& step,
                      const std::vector<std::int64_t>& count) {
  View from = x;
  if (std::ranges::any_of(x.axes, [](const Axis& axis) { return axis.size() > 1; }))
    from = reader.view_of(reader.laid(x), x.axes.size());
  const std::vector<std::size_t> order = memory_order(from);
  std::vector<std::int64_t> shape, strides;
  std::int64_t offset = 0;
  for (const std::size_t axis : order) {
    const std::int64_t stride = from.axes[axis].empty() ? 0 : from.axes[axis][0].stride;
    offset += first[axis] * stride;
    shape.push_back(count[axis]);
    strides.push_back(step[axis] * stride);
  }
  if (checked_size(shape, where()) < 1) unmapped("leaves no elements");
  if (shape.empty()) return x;
  if (checked_size(shape, where()) > most_numbers)
    unmapped("makes more than 2^28 numbers a sample");
  graph::Attributes attributes;
  attributes.set("shape", Shape(shape).text());
  attributes.set("strides", graph::list_text(strides));
  attributes.set("offset", offset);
  return reader.view_of(reader.build("arrange", from.node, attributes, {}), order);
}

View GeneralCall::part(const View& x, std::size_t axis, std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> from(x.axes.size(), 0), counts = x.extents();
  if (first == 0 && count == counts[axis]) return x;
  from[axis] = first;
  counts[axis] = count;
  return cut(x, from, std::vector<std::int64_t>(x.axes.size(), 1), counts);
}

View GeneralCall::padded(const View& x, const std::vector<std::int64_t>& before,
                         const std::vector<std::int64_t>& after, const std::string& mode,
                         double value) {
  const auto positive = [](std::int64_t v) { return std::max<std::int64_t>(v, 0); };
  constexpr std::int64_t most = std::int64_t{1} << 30;
  for (const auto* pads : {&before, &after})
    for (const std::int64_t pad : *pads)
      if (pad < -most || pad > most) fail(where(), " pads by ", pad);
  View from = x;
  std::vector<std::int64_t> first, count = x.extents();
  for (std::size_t i = 0; i < count.size(); ++i) {  // what negative numbers take away
    first.push_back(positive(-before[i]));
    count[i] -= first[i] + positive(-after[i]);
  }
  if (count != x.extents()) from = cut(x, first, std::vector<std::int64_t>(count.size(), 1), count);
  const std::vector<std::size_t> order = memory_order(from);
  std::vector<std::int64_t> low, high;
  for (const std::size_t axis : order) {
    low.push_back(positive(before[axis]));
    high.push_back(positive(after[axis]));
  }
  if (std::ranges::all_of(low, [](auto v) { return v == 0; }) &&
      std::ranges::all_of(high, [](auto v) { return v == 0; }))
    return from;
  graph::Attributes attributes;
  attributes.set("before", graph::list_text(low));
  attributes.set("after", graph::list_text(high));
  attributes.set("mode", mode);
  attributes.set("value", value);
  return reader.view_of(reader.build("pad", reader.laid(permuted(from, order)), attributes, {}),
                        order);
}

View GeneralCall::joined(const std::vector<View>& parts, std::size_t axis) {
  if (parts.size() == 1) return parts[0];
  const View& largest = *std::ranges::max_element(parts, {}, &View::size);
  const std::vector<std::size_t> order = order_with_last(largest, axis);
  std::vector<graph::NodeId> nodes;
  for (const View& part : parts) nodes.push_back(reader.laid(permuted(part, order)));
  return reader.view_of(graph().add("concat", nodes), order);
}

View GeneralCall::product(const View& x, std::vector<float> weight, std::int64_t units,
                          const std::vector<float>* bias) {
  if (units < 1) fail(where(), " has no outputs");
  graph::Attributes attributes;
  attributes.set("units", units);
  attributes.set("bias", std::string(bias ? "yes" : "no"));
  const graph::NodeId layer = reader.build("dense", reader.laid(x), attributes, label());
  reader.set_numbers(layer, "weight", std::move(weight));
  if (bias) reader.set_numbers(layer, "bias", *bias);
  return reader.view_of(layer, x.axes.size());
}

View GeneralCall::product(const View& a, const View& b) {
  const graph::NodeId made = graph().add("matrix_product", {reader.laid(a), reader.laid(b)});
  return reader.view_of(made, std::max(a.axes.size(), b.axes.size()));
}

View GeneralCall::along(std::string_view op, const View& x, std::size_t axis,
                        const graph::Attributes& attributes) {
  const std::vector<std::size_t> order = order_with_last(x, axis);
  return reader.view_of(reader.build(op, reader.laid(permuted(x, order)), attributes, label()),
                        order);
}

View GeneralCall::affine(const View& x, std::size_t axis, const std::vector<float>& scale,
                         const std::vector<float>& shift) {
  std::vector<std::int64_t> extents(x.axes.size() - axis, 1);
  extents[0] = static_cast<std::int64_t>(scale.size());
  const bool moved = std::ranges::any_of(shift, [](float v) { return v != 0; });
  const View y = pairwise("multiply", x, row_of_numbers(scale, extents));
  return moved ? pairwise("add", y, row_of_numbers(shift, extents)) : y;
}

}  // namespace rectify::onnx
