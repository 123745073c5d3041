#include "rectify/verify/neuron_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/verify/box.h"
#include "rectify/verify/refine.h"

namespace rectify::verify {

namespace {

/// Nodes that one thread bounds together, and nodes that are bounded before the stack is looked at
/// again.
constexpr std::size_t tile_nodes = 32, batch_nodes = 64;
/// Steps of the ascent for the first node, and for each other, which begins where its parent ended.
/// And for one in which all is decided.
constexpr std::size_t first_steps = 60, further_steps = 12, last_steps = 300;
constexpr AttackSize attack_size{.starts = 4, .steps = 20};

}  // namespace

NeuronSearch::NeuronSearch(const model::Predictor& predictor, const Network& network,
                           const Property& property)
    : predictor_(predictor), property_(property), structure_(network) {}

void NeuronSearch::run(const Limits& limits, const Deadline& deadline, Verdict& verdict) {
  ThreadPool threads(limits.threads);
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
    remove_proven(bounder, ranges, open);
    if (open.empty()) continue;
    if (!bounder.overflows() &&
        !refine(structure_, with_rounded_ends(inputs), {}, threads, deadline, bounder, ranges))
      continue;
    remove_proven(bounder, ranges, open);
    for (const std::size_t at : open) {
      if (prove(at, bounder, ranges, threads, limits, deadline, verdict)) continue;
      if (verdict.answer == Answer::violated) return;
      is_undecided = true;
      if (deadline.has_passed()) return;
    }
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
      fprintf(stderr, "case %zu row %zu: %g\n", at, r,
              nodes[r].lower - property_.cases[at].outputs[r].bound);
      if (nodes[r].lower > property_.cases[at].outputs[r].bound) return true;
    }
    return false;
  });
}

/// Whether the case is proven; otherwise the verdict says why not.
bool NeuronSearch::prove(std::size_t at, Bounder& bounder, const Ranges& ranges,
                         ThreadPool& threads, const Limits& limits, const Deadline& deadline,
                         Verdict& verdict) {
  const std::vector<HalfSpace>& outputs = property_.cases[at].outputs;
  if (outputs.empty() || bounder.overflows()) {
    verdict.why = "the network may overflow in the box; make the box smaller";
    return false;
  }
  const std::size_t best = best_half_space(at, bounder, ranges).row;
  const double bound = outputs[best].bound;
  Descent descent(structure_, property_.cases[at]);
  std::vector<Columns> columns(
      static_cast<std::size_t>(threads.threads()),
      Columns(structure_, bounder.states(), ranges, structure_.network.layers.size() - 1,
              outputs[best].coefficients));
  std::vector<Node> stack = {columns[0].root()};
  columns[0].bound(stack, first_steps, bound);
  double gap = bound - stack[0].lower;
  std::vector<Node> nodes = std::move(stack);
  double proven = 0;
  stack.clear();
  for (;;) {
    const Node* worst = nullptr;
    for (Node& node : nodes) {
      ++verdict.sub_problems;
      verdict.depth = std::max(verdict.depth, node.decisions.size());
      if (node.lower > bound) {
        ++verdict.leaves;
        proven += std::pow(0.5, static_cast<double>(node.decisions.size()));
        continue;
      }
      if (!worst || node.lower < worst->lower) worst = &node;
    }
    if (worst) {
      std::vector<double> x(worst->x.begin(), worst->x.end());
      if (descent.run(x, 10, 0.05) <= nearly_inside)
        if (auto found = replay(predictor_, property_, at, descent.rounded(x))) {
          accept(std::move(*found), verdict);
          return false;
        }
      gap = bound - worst->lower;
    }
    for (Node& node : nodes) {
      if (node.lower > bound) continue;
      if (node.can_be_split) {
        stack.push_back(Columns::half(node, false));
        stack.push_back(Columns::half(std::move(node), true));
        continue;
      }
      columns[0].bound({&node, 1}, last_steps, bound);
      if (node.lower > bound) continue;
      verdict.gap = std::max(verdict.gap, bound - node.lower);
      verdict.why =
          "all numbers are decided in some part, and its bound is still too low; rounding in "
          "float32 or several half spaces decide";
      return false;
    }
    if (stack.empty()) return true;
    deadline.tell(proven, stack.size(), verdict.sub_problems);
    if (deadline.has_passed() || (limits.boxes > 0 && verdict.sub_problems >= limits.boxes)) {
      verdict.leaves += stack.size(), verdict.gap = std::max(verdict.gap, gap);
      verdict.why =
          concat(stack.size(), " sub-problems were still open after ", verdict.sub_problems, " in ",
                 static_cast<int>(deadline.seconds()), " s; allow more time");
      return false;
    }
    nodes.assign(std::make_move_iterator(stack.end() - static_cast<std::ptrdiff_t>(
                                                           std::min(batch_nodes, stack.size()))),
                 std::make_move_iterator(stack.end()));
    stack.resize(stack.size() - nodes.size());
    threads.run((nodes.size() + tile_nodes - 1) / tile_nodes,
                [&](std::size_t tile, std::size_t thread) {
                  const std::size_t first = tile * tile_nodes;
                  columns[thread].bound(
                      std::span(nodes).subspan(first, std::min(tile_nodes, nodes.size() - first)),
                      further_steps, bound);
                });
  }
}

}  // namespace rectify::verify
