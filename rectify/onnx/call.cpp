#include <algorithm>
#include <charconv>

#include "rectify/base/text.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx {

const Value& Call::value(int i) const {
  if (!has(i)) fail(where(), " lacks its input ", i);
  return reader.value(node.input(i), where());
}

const Constant& Call::constant(int i) const {
  const Value& value = this->value(i);
  if (!value.constant) unmapped("reads '", node.input(i), "', which is computed, not constant");
  return *value.constant;
}

View Call::view(int i) { return reader.view(value(i), where()); }

std::vector<std::int64_t> Call::integers(int input, std::string_view name) const {
  if (!has(input)) return integers(name);
  const Constant& c = constant(input);
  if (!c.whole || c.extents.size() > 1)
    fail(where(), " wants a list of whole numbers as input ", input);
  return c.integers;
}

std::size_t Call::axis(std::int64_t axis, std::size_t rank) const {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank)
    fail(where(), " has an axis ", axis, " but its input has ", rank);
  if (axis < 0) axis += signed_rank;
  if (axis == 0) unmapped("works along the batch, axis 0");
  return static_cast<std::size_t>(axis);
}

void Call::only_first_output() const {
  for (int i = 1; i < node.output_size(); ++i)
    if (!node.output(i).empty() && reader.users(node.output(i)) > 0)
      unmapped("gives '", node.output(i), "' too, which is not mapped");
}

void Call::give(Value value, int output) {
  if (output >= node.output_size()) fail(where(), " has no output ", output);
  reader.define(node.output(output), std::move(value));
}

void Call::give(Constant constant, int output) {
  give(Value{.constant = std::make_shared<Constant>(std::move(constant))}, output);
}

graph::NodeId Call::build(std::string_view op, graph::NodeId input,
                          const graph::Attributes& given) {
  const graph::Operator* found = graph::find_operator(op);
  graph::Attributes attributes;
  for (const graph::AttributeSpec& spec : found->attributes) {
    attributes.set(spec.name, spec.initial);
    for (const auto& [name, value] : given.all())
      if (name == spec.name) attributes.set(name, value);
    if (spec.low == 0 && spec.high == 0) continue;
    const bool whole = std::holds_alternative<std::int64_t>(spec.initial);
    const double value =
        whole ? static_cast<double>(attributes.integer(spec.name)) : attributes.number(spec.name);
    if (!(value >= spec.low && value <= spec.high))
      unmapped("has a ", spec.name, " of ", number_text(value), "; ", op, " takes ",
               number_text(spec.low), " to ", number_text(spec.high));
  }
  for (const auto& [name, value] : given.all())  // the numbers of a gate's row
    if (!attributes.has(name)) attributes.set(name, value);
  return found->build(graph(), input, attributes, reader.free_label(node.name()));
}

void Call::set_numbers(graph::NodeId of, std::string_view name, std::vector<float> numbers) {
  reader.set_numbers(graph().node(of).label + "." + std::string(name), std::move(numbers));
}

double tidy(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, static_cast<float>(number)).ptr;
  double value = number;
  std::from_chars(text, end, value);
  return value;
}

}  // namespace rectify::onnx
