#include "rectify/graph/selection.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"

namespace rectify::graph {

std::int64_t kept_in_row(const Graph& graph, const Node& node) {
  const double keep = node.attributes.number("keep");
  if (keep >= 1) return std::llround(keep);
  const auto width = static_cast<double>(last_extent(graph, node, 0));
  return std::max<std::int64_t>(1, std::llround(keep * width));
}

Graph parse_activation(std::string_view item) {
  Graph one = parse_model(concat("1000000000 : ", item));
  if (!is_one_activation(one)) fail("'", item, "' is not one activation");
  return one;
}

}  // namespace rectify::graph
