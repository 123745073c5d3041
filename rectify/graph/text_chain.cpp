#include "rectify/graph/text_chain.h"

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/graph/text_items.h"

namespace rectify::graph {

namespace {

/// Takes a network apart, from its end to its beginning. Each node that is taken must stand just
/// before the node that was taken last, because parse_model() appends nodes in the order of the
/// text.
class Taker {
 public:
  Taker(const Graph& graph, const std::vector<Written>& words)
      : graph_(graph), words_(words), next_(graph.result) {}

  /// A part of the network, and the value at which it starts.
  struct Part {
    std::string text;
    NodeId start;
  };

  /// The items that lead to the value `end`, from a value that is not after `floor`.
  std::optional<Part> chain(NodeId end, NodeId floor, int depth) {
    std::vector<std::string> items;
    while (end > floor) {
      if (end != next_) return std::nullopt;
      const Node& node = graph_.node(end);
      do --next_;
      while (next_ > 0 && !is_written(graph_.node(next_)));
      const Written& words = words_[end];
      Part part{words.name, node.inputs[0]};
      if (node.op->joins) {
        const std::optional<Part> found = block(node, depth + 1);
        if (!found) return std::nullopt;
        part = *found;
      }
      items.push_back(part.text + words.rest);
      end = part.start;
    }
    std::string text;
    for (auto item = items.rbegin(); item != items.rend(); ++item)
      text += (text.empty() ? "" : " | ") + *item;
    return Part{text, end};
  }

  bool took_all() const { return next_ == graph_.find("input"); }

 private:
  std::optional<Part> block(const Node& node, int depth) {
    const auto which = std::ranges::find(blocks(), node.op->name, &Block::joins);
    if (which == blocks().end() || node.inputs.size() != 2 || depth > deepest_text)
      return std::nullopt;
    const auto [earlier, later] = std::ranges::minmax(node.inputs);
    if (earlier == later || block_inputs(graph_, *which, earlier, later) != node.inputs)
      return std::nullopt;
    const std::optional<Part> last = chain(later, earlier, depth);
    if (!last) return std::nullopt;
    const std::string name(which->name);
    if (last->start == earlier) return Part{name + "(" + last->text + ")", earlier};
    if (!which->second_branch) return std::nullopt;
    const std::optional<Part> first = chain(earlier, last->start, depth);
    if (!first || first->start != last->start) return std::nullopt;
    return Part{name + "(" + first->text + " ; " + last->text + ")", first->start};
  }

  const Graph& graph_;
  const std::vector<Written>& words_;
  NodeId next_;  ///< the node to be taken next
};

}  // namespace

bool is_written(const Node& node) { return !node.op->given && !node.op->part; }

std::optional<std::string> chain_text(const Graph& graph, const std::vector<Written>& words) {
  const NodeId input = graph.find("input");
  Taker taker(graph, words);
  const auto chain = taker.chain(graph.result, input, 0);
  if (!chain || chain->start != input || !taker.took_all()) return std::nullopt;
  return chain->text.empty() ? "" : " " + chain->text;
}

}  // namespace rectify::graph
