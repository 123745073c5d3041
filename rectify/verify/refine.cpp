#include "rectify/verify/refine.h"

#include <algorithm>

namespace rectify::verify {

namespace {

/// Nodes that one thread bounds together.
constexpr std::size_t refined_together = 32;

/// Whether a layer reads more than inputs: otherwise intervals are exact.
bool reads_hidden(const Layer& layer) {
  return std::ranges::any_of(layer.terms, [](const Layer::Term& term) { return term.from != 0; });
}

/// Bounds of all open numbers of a layer from below and above.
std::vector<Node> open_numbers(const Structure& structure, const Columns& columns,
                               std::size_t layer, const Ranges& ranges) {
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < structure.network.layers[layer].width; ++i) {
    const std::size_t at = structure.first[layer] + i;
    if (ranges.lower[at] >= 0 || ranges.upper[at] <= 0) continue;
    nodes.push_back(columns.root(2 * i)), nodes.push_back(columns.root(2 * i + 1));
  }
  return nodes;
}

}  // namespace

bool refine(const Structure& structure, const Box& box, const RefineSize& size, ThreadPool& threads,
            const Deadline& deadline, Bounder& bounder, Ranges& ranges) {
  for (std::size_t layer = 1; layer < structure.is_bounded.size(); ++layer) {
    if (!structure.is_bounded[layer] || !reads_hidden(structure.network.layers[layer])) continue;
    std::vector<Columns> columns(static_cast<std::size_t>(threads.threads()),
                                 Columns(structure, bounder.states(), ranges, layer, {}));
    std::vector<Node> nodes = open_numbers(structure, columns[0], layer, ranges);
    threads.run((nodes.size() + refined_together - 1) / refined_together, [&](std::size_t tile,
                                                                              std::size_t thread) {
      const std::size_t first = tile * refined_together;
      if (!deadline.has_passed())
        columns[thread].bound(
            std::span(nodes).subspan(first, std::min(refined_together, nodes.size() - first)),
            size.steps, 0);
    });
    for (const Node& node : nodes) {
      const std::size_t at = structure.first[layer] + node.function / 2;
      if (node.function % 2 == 0)
        ranges.lower[at] = std::max(ranges.lower[at], node.lower);
      else
        ranges.upper[at] = std::min(ranges.upper[at], -node.lower);
    }
    if (!bounder.narrow(box, ranges, layer)) return false;
    if (deadline.has_passed()) break;
  }
  return true;
}

}  // namespace rectify::verify
