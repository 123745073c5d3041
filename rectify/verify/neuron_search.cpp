#include "rectify/verify/neuron_search.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/verify/box.h"
#include "rectify/verify/record.h"
#include "rectify/verify/refine.h"

namespace rectify::verify {

namespace {

/// Nodes that one thread bounds together, and nodes that are bounded before the stack is looked at
/// again.
constexpr std::size_t tile_nodes = 32, batch_nodes = 128;
/// Steps of the ascent for the first node, and for each other, which begins where its parent ended,
/// in two parts. And for one in which all is decided.
constexpr std::size_t first_steps = 60, few_steps = 2, further_steps = 3, last_steps = 300;
/// Batches after which the worst node's input is gone down from.
constexpr std::size_t batches_to_descend = 4;

/// Turns of the search: how bounds of hidden numbers are refined, and sub-problems of a tree.
struct Round {
  RefineSize refined;
  std::size_t sub_problems;
};
constexpr Round search_rounds[] = {
    {{.steps = 20}, 500},
    {{.steps = 5, .splits = 4}, 2000},
    {{.steps = 5, .splits = 16}, 8000},
    {{.steps = 5, .splits = 64}, std::numeric_limits<std::size_t>::max()}};
constexpr std::size_t proven_case = std::numeric_limits<std::size_t>::max();

bool is_out_of_time(const Limits& limits, const Deadline& deadline, const Verdict& verdict) {
  return deadline.has_passed() || (limits.boxes > 0 && verdict.sub_problems >= limits.boxes);
}

constexpr AttackSize attack_size{.starts = 4, .steps = 20};

}  // namespace

NeuronSearch::NeuronSearch(const model::Predictor& predictor, const Structure& structure,
                           const Property& property)
    : predictor_(predictor), property_(property), structure_(structure) {}

void NeuronSearch::run(const Limits& limits, const Deadline& deadline, Verdict& verdict) {
  ThreadPool threads(limits.threads);
  record_ = limits.record;
  bool is_undecided = false;
  std::vector<char> is_done(property_.cases.size());
  for (std::size_t first = 0; first < is_done.size(); ++first) {
    const Box& inputs = property_.cases[first].inputs;
    if (is_done[first] || is_empty(inputs)) continue;
    std::vector<std::size_t> open;
    for (std::size_t at = first; at < is_done.size(); ++at) {
      const Box& own = property_.cases[at].inputs;
      if (own.lower == inputs.lower && own.upper == inputs.upper) open.push_back(at);
    }
    for (const std::size_t at : open) is_done[at] = 1;
    Bounder bounder(structure_);
    Ranges ranges = bounder.unknown();
    if (!bounder.narrow(with_rounded_ends(inputs), ranges)) continue;
    std::erase_if(open, [&](std::size_t at) {
      ++verdict.sub_problems;
      return best_half_space(at, bounder, ranges).gap < 0;
    });
    for (const std::size_t at : open)
      if (auto found = attack(predictor_, structure_, property_, at, limits.seed, attack_size,
                              [&] { return deadline.has_passed(); }))
        return accept(std::move(*found), verdict);
    if (prove_all(open, bounder, ranges, threads, limits, deadline, verdict)) continue;
    if (verdict.answer == Answer::violated || deadline.has_passed()) return;
    is_undecided = true;
  }
  if (!is_undecided) verdict.answer = Answer::holds;
}

NeuronSearch::Best NeuronSearch::best_half_space(std::size_t at, Bounder& bounder,
                                                 const Ranges& ranges) const {
  const std::vector<HalfSpace>& outputs = property_.cases[at].outputs;
  Best best{0, std::numeric_limits<double>::infinity()};
  std::vector<double> coefficients;
  for (const HalfSpace& half : outputs)
    coefficients.insert(coefficients.end(), half.coefficients.begin(), half.coefficients.end());
  if (outputs.empty()) return best;
  LowerBounds bounds;
  bounder.bound(ranges, coefficients, {}, bounds);
  for (std::size_t r = 0; r < outputs.size(); ++r)
    if (const double gap = outputs[r].bound - bounds.lower[r]; gap < best.gap) best = {r, gap};
  return best;
}

/// Leaves out cases of which one half space is proven without any decision.
void NeuronSearch::remove_proven(const Bounder& bounder, const Ranges& ranges,
                                 std::vector<std::size_t>& open) const {
  if (bounder.overflows()) return;
  std::vector<double> coefficients;
  for (const std::size_t at : open)
    for (const HalfSpace& half : property_.cases[at].outputs)
      coefficients.insert(coefficients.end(), half.coefficients.begin(), half.coefficients.end());
  Columns columns(structure_, bounder.states(), ranges, structure_.network.layers.size() - 1,
                  std::move(coefficients));
  std::size_t function = 0;
  std::vector<Node> nodes;
  std::erase_if(open, [&](std::size_t at) {
    nodes.clear();
    for (std::size_t r = 0; r < property_.cases[at].outputs.size(); ++r)
      nodes.push_back(columns.root(function++));
    if (nodes.empty()) return false;
    columns.bound(nodes, first_steps);
    for (std::size_t r = 0; r < nodes.size(); ++r) {
      if (!(nodes[r].lower > property_.cases[at].outputs[r].bound)) continue;
      if (record_)
        record_->cases.push_back({static_cast<std::uint32_t>(at),
                                  columns.open_relus(),
                                  {{static_cast<std::uint32_t>(r), {}, {}, nodes[r].slopes}}});
      return true;
    }
    return false;
  });
}

/// The tree of sub-problems of one half space: proves that its sum is above its bound.
class NeuronSearch::Tree {
 public:
  Tree(const NeuronSearch& search, std::size_t at, std::size_t row, const Bounder& bounder,
       const Ranges& ranges, ThreadPool& threads)
      : search_(search),
        at_(at),
        row_(row),
        bound_(search.property_.cases[at].outputs[row].bound),
        descent_(search.structure_, search.property_.cases[at]),
        threads_(threads),
        columns_(static_cast<std::size_t>(threads.threads()),
                 Columns(search.structure_, bounder.states(), ranges,
                         search.structure_.network.layers.size() - 1,
                         search.property_.cases[at].outputs[row].coefficients)) {}

  /// The leaves, where they are recorded.
  Record::Case taken_record() {
    return {static_cast<std::uint32_t>(at_), columns_[0].open_relus(), std::move(recorded_)};
  }

  /// Whether it is proven; otherwise the verdict says why not. Gives up where it looks at more than
  /// `most` sub-problems for what is not proven yet.
  bool prove(std::size_t most, const Limits& limits, const Deadline& deadline, Verdict& verdict) {
    std::vector<Node> nodes = {columns_[0].root()};
    columns_[0].bound(nodes, first_steps, bound_);
    for (std::size_t batch = 0, looked_at = 1;; ++batch) {
      verdict.sub_problems += nodes.size(), looked_at += nodes.size();
      if (batch % batches_to_descend == 0 && is_violated(nodes, verdict)) return false;
      std::erase_if(nodes, [&](const Node& node) { return is_proven(node, verdict); });
      if (!finish_undividable(nodes, verdict)) return false;
      divide(nodes, verdict);
      if (stack_.empty()) {
        verdict.leaves += leaves_;
        return true;
      }
      deadline.tell(proven_, stack_.size(), verdict.sub_problems);
      if (is_out_of_time(limits, deadline, verdict) ||
          static_cast<double>(looked_at) * (1 - proven_) > static_cast<double>(most)) {
        verdict.leaves += leaves_ + stack_.size(), verdict.gap = std::max(verdict.gap, gap_);
        verdict.why =
            concat(stack_.size(), " sub-problems were still open after ", verdict.sub_problems,
                   " in ", static_cast<int>(deadline.seconds()), " s; allow more time");
        return false;
      }
      const auto from =
          stack_.end() - static_cast<std::ptrdiff_t>(std::min(batch_nodes, stack_.size()));
      nodes.assign(std::make_move_iterator(from), std::make_move_iterator(stack_.end()));
      stack_.erase(from, stack_.end());
      bound(nodes);
    }
  }

 private:
  /// Many are proven after a few steps. What is left fills tiles again.
  void bound(std::vector<Node>& nodes) {
    in_tiles(nodes, [&](Columns& columns, std::span<Node> tile) {
      columns.bound(tile, few_steps, bound_);
    });
    const auto open =
        std::ranges::partition(nodes, [&](const Node& node) { return node.lower > bound_; });
    in_tiles(open, [&](Columns& columns, std::span<Node> tile) {
      columns.bound(tile, further_steps, bound_);
    });
  }

  template <class Act>
  void in_tiles(std::span<Node> nodes, const Act& act) {
    threads_.run(
        (nodes.size() + tile_nodes - 1) / tile_nodes, [&](std::size_t tile, std::size_t thread) {
          const std::size_t first = tile * tile_nodes;
          act(columns_[thread], nodes.subspan(first, std::min(tile_nodes, nodes.size() - first)));
        });
  }

  bool is_proven(const Node& node, Verdict& verdict) {
    verdict.depth = std::max(verdict.depth, node.decisions.size());
    if (!(node.lower > bound_)) return false;
    ++leaves_;
    record(node);
    proven_ += std::pow(0.5, static_cast<double>(node.decisions.size()));
    return true;
  }

  void record(const Node& node) {
    if (search_.record_)
      recorded_.push_back(
          {static_cast<std::uint32_t>(row_), node.decisions, node.weights, node.slopes});
  }

  /// Goes down from where the worst of the nodes' bounds is reached.
  bool is_violated(const std::vector<Node>& nodes, Verdict& verdict) {
    const auto worst = std::ranges::min_element(nodes, {}, &Node::lower);
    if (worst->lower > bound_) return false;
    gap_ = bound_ - worst->lower;
    std::vector<double> x(worst->x.begin(), worst->x.end());
    if (descent_.run(x, 10, 0.05) > nearly_inside) return false;
    auto found = replay(search_.predictor_, search_.property_, at_, descent_.rounded(x));
    if (found) accept(std::move(*found), verdict);
    return found.has_value();
  }

  /// Whether all nodes that cannot be divided are proven with more steps. Leaves out these nodes.
  bool finish_undividable(std::vector<Node>& nodes, Verdict& verdict) {
    bool all_proven = true;
    std::erase_if(nodes, [&](Node& node) {
      if (!node.choices.empty()) return false;
      columns_[0].bound({&node, 1}, last_steps, bound_);
      if (node.lower > bound_) {
        record(node);
        return true;
      }
      verdict.gap = std::max(verdict.gap, bound_ - node.lower);
      all_proven = false;
      return true;
    });
    if (!all_proven)
      verdict.why =
          "all numbers are decided in some part, and its bound is still too low; rounding in "
          "float32 or several half spaces decide";
    return all_proven;
  }

  // Each number that a node could decide is tried without any step of the ascent; that one is
  // decided whose worse half has the best bound (Bunel et al. 2020, "Branch and bound for piecewise
  // linear neural network verification"; De Palma et al. 2021, "Filtered smart branching").
  void divide(const std::vector<Node>& nodes, Verdict& verdict) {
    std::vector<Node> halves;
    for (const Node& node : nodes)
      for (const Choice& choice : node.choices)
        for (const bool positive : {false, true})
          halves.push_back(Columns::half(node, choice, positive));
    in_tiles(halves, [](Columns& columns, std::span<Node> tile) { columns.look(tile); });
    std::size_t first = 0;
    for (const Node& node : nodes) {
      const std::size_t best =
          first + better_choice(std::span(halves).subspan(first, 2 * node.choices.size()), bound_);
      for (std::size_t h = best; h < best + 2; ++h)
        if (!is_proven(halves[h], verdict)) stack_.push_back(std::move(halves[h]));
      first += 2 * node.choices.size();
    }
  }

  const NeuronSearch& search_;
  std::size_t at_, row_;
  double bound_;
  Descent descent_;
  ThreadPool& threads_;
  std::vector<Columns> columns_;
  std::vector<Node> stack_;
  double proven_ = 0, gap_ = 0;
  std::size_t leaves_ = 0;
  std::vector<Record::Leaf> recorded_;
};

/// Whether all cases are proven; otherwise the verdict says why not. Trees of a limited size and
/// better ranges of hidden numbers take turns, and both grow: what trees lack is known only when
/// they have become too large.
bool NeuronSearch::prove_all(std::vector<std::size_t> open, Bounder& bounder, Ranges& ranges,
                             ThreadPool& threads, const Limits& limits, const Deadline& deadline,
                             Verdict& verdict) const {
  if (open.empty()) return true;
  const auto is_everything = [&](std::size_t at) { return property_.cases[at].outputs.empty(); };
  if (bounder.overflows() || std::ranges::any_of(open, is_everything)) {
    verdict.why = "the network may overflow in the box; make the box smaller";
    return false;
  }
  const Box box = with_rounded_ends(property_.cases[open[0]].inputs);
  const double gap = verdict.gap;
  const auto first = static_cast<std::uint32_t>(open[0]);
  remove_proven(bounder, ranges, open);
  for (std::size_t round = 0; !open.empty(); ++round) {
    const bool is_last = round + 1 == std::size(search_rounds);
    if (!refine(structure_, box, search_rounds[round].refined, threads, deadline, bounder, ranges,
                record_, first))
      return true;
    remove_proven(bounder, ranges, open);
    verdict.gap = gap;
    bool all = true;
    // The hardest case first: while it is open, the others would gain nothing.
    std::ranges::stable_sort(open, std::greater<>(), [&](std::size_t at) {
      return best_half_space(at, bounder, ranges).gap;
    });
    for (std::size_t& at : open) {
      const std::size_t best = best_half_space(at, bounder, ranges).row;
      const std::size_t leaves = verdict.leaves;
      Tree tree(*this, at, best, bounder, ranges, threads);
      all = tree.prove(search_rounds[round].sub_problems, limits, deadline, verdict);
      if (all && record_) record_->cases.push_back(tree.taken_record());
      if (verdict.answer == Answer::violated || (!all && is_out_of_time(limits, deadline, verdict)))
        return false;
      if (!all) {
        if (!is_last) verdict.leaves = leaves;
        break;
      }
      at = proven_case;
    }
    std::erase(open, proven_case);
    if (!all && is_last) return false;
  }
  return true;
}

}  // namespace rectify::verify
