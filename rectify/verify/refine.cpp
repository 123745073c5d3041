#include "rectify/verify/refine.h"

#include <algorithm>
#include <optional>

namespace rectify::verify {

namespace {

/// Nodes that one thread bounds together.
constexpr std::size_t refined_together = 32;

/// Slopes that are kept for all leaves of a layer: 256 MB.
constexpr std::size_t most_slopes = std::size_t{64} << 20;
/// The share of the time after which nothing is refined.
constexpr double time_share = 0.5;

/// Whether a layer reads more than inputs: otherwise intervals are exact.
bool reads_hidden(const Layer& layer) {
  return std::ranges::any_of(layer.terms, [](const Layer::Term& term) { return term.from != 0; });
}

/// Work on the bounds of a layer's open numbers, from below and above.
class LayerWork {
 public:
  LayerWork(const Structure& structure, std::size_t layer, ThreadPool& threads,
            const Deadline& deadline, const Bounder& bounder, const Ranges& ranges)
      : threads_(threads),
        deadline_(deadline),
        columns_(static_cast<std::size_t>(threads.threads()),
                 Columns(structure, bounder.states(), ranges, layer, {})) {
    for (std::size_t i = 0; i < structure.network.layers[layer].width; ++i) {
      const std::size_t at = structure.first[layer] + i;
      if (ranges.lower[at] >= 0 || ranges.upper[at] <= 0) continue;
      functions_.push_back(2 * i), functions_.push_back(2 * i + 1);
    }
  }

  /// Decisions for each bound that there is memory for; nothing where not even one leaf has any.
  std::optional<std::size_t> splits() const {
    const std::size_t of_leaf = functions_.size() * columns_[0].open();
    if (of_leaf > most_slopes) return std::nullopt;
    return most_slopes / std::max<std::size_t>(1, of_leaf) - 1;
  }

  void optimise(std::size_t steps) {
    std::vector<Node> nodes;
    for (const std::size_t function : functions_) nodes.push_back(columns_[0].root(function));
    bound(nodes, steps);
    for (Node& node : nodes) leaves_.emplace_back().push_back(std::move(node));
  }

  /// Divides the worst leaf of each bound that leaves its number open.
  void divide(std::size_t steps) {
    std::vector<std::size_t> owners;
    std::vector<Node> nodes, halves;
    for (std::size_t n = 0; n < leaves_.size(); ++n) {
      const auto worst = std::ranges::min_element(leaves_[n], {}, &Node::lower);
      if (worst->lower > 0 || worst->choices.empty()) continue;
      owners.push_back(n), nodes.push_back(std::move(*worst));
      leaves_[n].erase(worst);
    }
    for (const Node& node : nodes)
      for (const Choice& choice : node.choices)
        for (const bool positive : {false, true})
          halves.push_back(Columns::half(node, choice, positive));
    in_tiles(halves, [](Columns& columns, std::span<Node> tile) { columns.look(tile); });
    std::vector<Node> chosen;
    std::size_t first = 0;
    for (const Node& node : nodes) {
      const std::size_t best =
          first + better_choice(std::span(halves).subspan(first, 2 * node.choices.size()), 0);
      chosen.push_back(std::move(halves[best])), chosen.push_back(std::move(halves[best + 1]));
      first += 2 * node.choices.size();
    }
    bound(chosen, steps);
    for (std::size_t k = 0; k < chosen.size(); ++k)
      leaves_[owners[k / 2]].push_back(std::move(chosen[k]));
  }

  /// What narrow() will change, and why that holds.
  void record(std::uint32_t layer, std::size_t first, const Ranges& ranges,
              Record::Refinement& to) const {
    to.open = columns_[0].open_relus();
    for (const std::vector<Node>& leaves : leaves_) {
      const double lower = std::ranges::min_element(leaves, {}, &Node::lower)->lower;
      const auto number = static_cast<std::uint32_t>(leaves[0].function / 2);
      const bool is_lower = leaves[0].function % 2 == 0;
      if (lower <= (is_lower ? ranges.lower[first + number] : -ranges.upper[first + number]))
        continue;
      Record::Claim claim{{layer, number, is_lower}, is_lower ? lower : -lower, {}};
      for (const Node& leaf : leaves)
        claim.leaves.push_back({0, leaf.decisions, leaf.weights, leaf.slopes});
      to.claims.push_back(std::move(claim));
    }
  }

  void narrow(std::size_t first, Ranges& ranges) const {
    for (const std::vector<Node>& leaves : leaves_) {
      const double lower = std::ranges::min_element(leaves, {}, &Node::lower)->lower;
      const std::size_t at = first + leaves[0].function / 2;
      if (leaves[0].function % 2 == 0)
        ranges.lower[at] = std::max(ranges.lower[at], lower);
      else
        ranges.upper[at] = std::min(ranges.upper[at], -lower);
    }
  }

 private:
  void bound(std::vector<Node>& nodes, std::size_t steps) {
    in_tiles(nodes, [&](Columns& columns, std::span<Node> tile) {
      if (!deadline_.has_passed(time_share)) columns.bound(tile, steps, 0);
    });
  }
  template <class Act>
  void in_tiles(std::vector<Node>& nodes, const Act& act) {
    threads_.run((nodes.size() + refined_together - 1) / refined_together, [&](std::size_t tile,
                                                                               std::size_t thread) {
      const std::size_t first = tile * refined_together;
      act(columns_[thread],
          std::span(nodes).subspan(first, std::min(refined_together, nodes.size() - first)));
    });
  }

  ThreadPool& threads_;
  const Deadline& deadline_;
  std::vector<Columns> columns_;
  std::vector<std::size_t> functions_;     ///< of the bounds: numbers and their negatives
  std::vector<std::vector<Node>> leaves_;  ///< of each bound
};

}  // namespace

bool refine(const Structure& structure, const Box& box, const RefineSize& size, ThreadPool& threads,
            const Deadline& deadline, Bounder& bounder, Ranges& ranges, Record* record,
            std::uint32_t at) {
  for (std::size_t layer = 1; layer < structure.is_bounded.size(); ++layer) {
    if (!structure.is_bounded[layer] || !reads_hidden(structure.network.layers[layer])) continue;
    LayerWork work(structure, layer, threads, deadline, bounder, ranges);
    const std::optional<std::size_t> splits = work.splits();
    if (!splits) continue;
    work.optimise(size.steps);
    for (std::size_t n = 0; n < std::min(size.splits, *splits) && !deadline.has_passed(time_share);
         ++n)
      work.divide(size.split_steps);
    if (record)
      work.record(static_cast<std::uint32_t>(layer), structure.first[layer], ranges,
                  record->refinements.emplace_back(Record::Refinement{at, {}, {}}));
    work.narrow(structure.first[layer], ranges);
    if (!bounder.narrow(box, ranges, layer)) return false;
    if (deadline.has_passed(time_share)) break;
  }
  return true;
}

}  // namespace rectify::verify
