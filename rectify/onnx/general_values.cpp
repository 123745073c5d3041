// How a GeneralReader turns views of values into nodes, and constants into nodes.

#include <algorithm>
#include <numeric>

#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/general.h"

namespace rectify::onnx {

View permuted(const View& view, const std::vector<std::size_t>& order) {
  View result{view.node, {}};
  for (const std::size_t axis : order) result.axes.push_back(view.axes[axis]);
  return result;
}

View unpermuted(const View& view, const std::vector<std::size_t>& order) {
  View result{view.node, std::vector<Axis>(view.axes.size())};
  for (std::size_t i = 0; i < order.size(); ++i) result.axes[order[i]] = view.axes[i];
  return result;
}

std::vector<std::size_t> natural_order(std::size_t rank) {
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<std::size_t> memory_order(const View& view) {
  std::vector<std::size_t> order = natural_order(view.axes.size());
  if (std::ranges::any_of(view.axes, [](const Axis& axis) { return axis.size() > 1; }))
    return order;
  std::vector<std::size_t> sorted = order;
  const auto stride = [&](std::size_t axis) {
    return view.axes[axis].empty() ? INT64_MAX : view.axes[axis][0].stride;
  };
  std::ranges::stable_sort(sorted, [&](auto a, auto b) { return stride(a) > stride(b); });
  return in_order(permuted(view, sorted)) ? sorted : order;
}

std::vector<std::size_t> order_with_last(const View& view, std::size_t axis) {
  std::vector<std::size_t> order = memory_order(view);
  if (order.back() == axis) return order;
  order = natural_order(view.axes.size());
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(axis));
  order.push_back(axis);
  return order;
}

View GeneralReader::view(const Tensor& tensor, const std::string& where) {
  if (!tensor.constant) return tensor.view;
  const Constant& c = *tensor.constant;
  if (c.size() < 1) throw Unmapped(where + " reads a constant without elements");
  graph::NodeId& node = work_->constants.try_emplace(&c, -1).first->second;
  if (node < 0) {
    spend(c.size(), where);
    graph::Attributes attributes;
    attributes.set("shape", c.extents.empty() ? std::string("1") : Shape(c.extents).text());
    node = build("constant", work_->anchor, attributes, {});
    set_numbers(node, "weight", c.as_floats());
    kept_.push_back(tensor.constant);
  }
  return *regrouped(natural_view(graph(), node), c.extents);
}

graph::NodeId GeneralReader::shaped(graph::NodeId node, const Shape& shape) {
  if (graph().node(node).type.shape == shape) return node;
  graph::NodeId& known = work_->shapes.try_emplace({node, shape.text()}, -1).first->second;
  if (known >= 0) return known;
  if (shape.rank() == 1) return known = graph().add("flatten", {node});
  graph::Attributes attributes;
  attributes.set("shape", shape.text());
  return known = graph().add("reshape", {node}, attributes);
}

graph::NodeId GeneralReader::laid(const View& view) {
  std::vector<std::int64_t> extents = view.extents();
  if (extents.empty()) extents.push_back(1);
  graph::NodeId node = view.node;
  if (!in_order(view)) {
    const View row = *regrouped(view, {view.size()});
    std::vector<std::int64_t> shape, strides;
    for (const Atom& atom : row.axes[0]) {
      shape.push_back(atom.extent);
      strides.push_back(atom.stride);
    }
    graph::Attributes attributes;
    attributes.set("shape", Shape(shape).text());
    attributes.set("strides", graph::list_text(strides));
    graph::NodeId& known =
        work_->shapes.try_emplace({node, Shape(shape).text() + " " + graph::list_text(strides)}, -1)
            .first->second;
    if (known < 0) known = build("arrange", node, attributes, {});
    node = known;
  }
  return shaped(node, Shape(std::move(extents)));
}

View GeneralReader::view_of(graph::NodeId node, const std::vector<std::size_t>& order) {
  View view = natural_view(graph(), node);
  view.axes.resize(order.size());  // a scalar's node has one axis
  return unpermuted(view, order);
}

View GeneralReader::view_of(graph::NodeId node, std::size_t rank) {
  return view_of(node, natural_order(rank));
}

graph::NodeId GeneralReader::build(std::string_view op, graph::NodeId input,
                                   const graph::Attributes& given, const std::string& label) {
  const graph::Operator* found = graph::find_operator(op);
  graph::Attributes attributes;
  for (const graph::AttributeSpec& spec : found->attributes)
    attributes.set(spec.name, spec.initial);
  for (const auto& [name, value] : given.all()) attributes.set(name, value);
  return found->build(graph(), input, attributes, label);
}

void GeneralReader::set_numbers(graph::NodeId of, std::string_view name,
                                std::vector<float> numbers) {
  const graph::NodeId parameter = graph().find(graph().node(of).label + "." + std::string(name));
  work_->network.numbers[parameter] = std::move(numbers);
}

}  // namespace rectify::onnx
