#include "rectify/graph/lists.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

std::vector<std::int64_t> list_attribute(const Node& node, std::string_view name) {
  std::vector<std::int64_t> numbers;
  const std::string& text = node.attributes.word(name);
  if (text.empty()) return numbers;
  for (const std::string& part : split(text, ',')) {
    const auto number = parse_integer(part);
    if (!number) fail(where(node), ": ", name, " is a list such as 1,0,2, not '", text, "'");
    numbers.push_back(*number);
  }
  return numbers;
}

std::string list_text(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers)
    text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

Shape broadcast(const Node& node, const Shape& a, const Shape& b) {
  std::vector<std::int64_t> all(std::max(a.rank(), b.rank()));
  for (std::size_t i = 0; i < all.size(); ++i) {  // from the last axis on
    const std::int64_t x = i < a.rank() ? a[a.rank() - 1 - i] : 1;
    const std::int64_t y = i < b.rank() ? b[b.rank() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      fail(where(node), " wants shapes that are equal or 1 along each axis, not ", a.text(),
           " and ", b.text());
    all[all.size() - 1 - i] = x == 1 ? y : x;
  }
  return Shape(std::move(all));
}

std::vector<std::int64_t> broadcast_strides(const Shape& own, const Shape& whole) {
  std::vector<std::int64_t> strides(whole.rank(), 0);
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < own.rank(); ++i) {
    const std::int64_t extent = own[own.rank() - 1 - i];
    if (extent != 1) strides[whole.rank() - 1 - i] = stride;
    stride *= extent;
  }
  return strides;
}

Type type_of(const Graph& graph, const Node& node, Shape shape) {
  Type type{.shape = std::move(shape), .per_sample = false};
  for (const NodeId input : node.inputs)
    type.per_sample = type.per_sample || graph.node(input).type.per_sample;
  constexpr std::int64_t largest = std::int64_t{1} << 40;
  double elements = 1;
  for (const std::int64_t extent : type.shape.extents()) elements *= static_cast<double>(extent);
  if (elements > static_cast<double>(largest))
    fail(where(node), " has more than 2^40 elements a sample");
  return type;
}

}  // namespace rectify::graph
