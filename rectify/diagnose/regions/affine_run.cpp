// A run of an AffineNetwork: cells go through the network together, as many as fit in some memory.
// Where they are cut into more, the parts go on in groups, one group after the other to the end, so
// that memory does not grow with the number of parts.

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/diagnose/regions/affine_network.h"

namespace rectify::diagnose {

using graph::NodeId;

namespace {

/// Numbers of all values of a group of cells.
constexpr std::size_t group_numbers = std::size_t{1} << 22;

/// Cells on their way, with the values of the nodes that later ones read.
struct CellGroup {
  std::vector<Cell> cells;
  std::vector<std::uint64_t> choices;       ///< cells x choosers
  std::vector<std::vector<double>> values;  ///< for each node: cells x terms x width, or nothing
};

/// The part `cell` of cell number `parent` of a group.
struct ChildCell {
  std::size_t parent;
  Cell cell;
};

}  // namespace

class AffineRun {
 public:
  AffineRun(const AffineNetwork& network, std::size_t terms, std::size_t limit, ThreadPool& threads,
            const std::function<void(const AffinePart&)>& visit)
      : network_(network),
        graph_(network.graph_),
        terms_(terms),
        limit_(limit),
        threads_(threads),
        visit_(visit) {
    most_cells_ = std::clamp<std::size_t>(
        group_numbers / std::max<std::size_t>(1, terms * network.at_once_), 1, 1024);
    count_.after.resize(network.choosers_.size());
  }

  AffineCount run(AffineInputs& inputs) {
    const std::size_t numbers = terms_ * network_.inputs_;
    for (std::size_t first = 0; first < inputs.cells.size(); first += most_cells_) {
      const std::size_t n = std::min(most_cells_, inputs.cells.size() - first);
      CellGroup group;
      group.cells.assign(inputs.cells.begin() + static_cast<std::ptrdiff_t>(first),
                         inputs.cells.begin() + static_cast<std::ptrdiff_t>(first + n));
      group.choices.resize(n * network_.choosers_.size());
      group.values.resize(network_.steps_.size());
      const auto rows = std::span(inputs.rows).subspan(first * numbers, n * numbers);
      group.values[at(network_.input_)].assign(rows.begin(), rows.end());
      advance(group, 0);
    }
    return count_;
  }

 private:
  using Step = AffineNetwork::Step;

  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

  void advance(CellGroup& group, NodeId first) {
    for (NodeId id = first; id < graph_.size() && count_.complete; ++id) {
      const Step& step = network_.steps_[at(id)];
      if (!step.rule) continue;
      if (step.rule->choose && group.cells[0].corners.size() > 1) {
        if (advance_parts(group, id)) return;
      } else {
        if (step.rule->choose) count_.after[step.chooser] += group.cells.size();
        compute(group, id);
      }
    }
    if (count_.complete) finish(group);
  }

  /// Cuts the cells at the node's kinks, and takes the parts to the end of the network. False where
  /// nothing is cut: then the group itself is past the node.
  bool advance_parts(CellGroup& group, NodeId id) {
    std::vector<std::vector<Cell>> parts(group.cells.size());
    threads_.run(group.cells.size(), [&](std::size_t i) {
      parts[i] = network_.steps_[at(id)].rule->split(context_of(group, i, id), limit_);
    });
    std::vector<ChildCell> children;
    for (std::size_t i = 0; i < parts.size(); ++i)
      for (Cell& cell : parts[i]) children.push_back({i, std::move(cell)});
    count_.after[network_.steps_[at(id)].chooser] += children.size();
    if (count_.parts + waiting_ + children.size() > limit_) count_.complete = false;
    if (!count_.complete) return true;
    if (children.size() == group.cells.size()) {
      compute(group, id);
      return false;
    }
    waiting_ += children.size();
    for (std::size_t begin = 0; begin < children.size() && count_.complete; begin += most_cells_) {
      const std::size_t n = std::min(most_cells_, children.size() - begin);
      waiting_ -= n;
      CellGroup next = taken(group, std::span(children).subspan(begin, n), id);
      compute(next, id);
      advance(next, id + 1);
    }
    return true;
  }

  /// The children as a group of their own. A child's values are its parent's.
  CellGroup taken(const CellGroup& group, std::span<ChildCell> children, NodeId id) const {
    CellGroup next;
    next.values.resize(group.values.size());
    const std::size_t choosers = network_.choosers_.size();
    for (ChildCell& child : children) {
      next.cells.push_back(std::move(child.cell));
      const auto from =
          group.choices.begin() + static_cast<std::ptrdiff_t>(child.parent * choosers);
      next.choices.insert(next.choices.end(), from, from + static_cast<std::ptrdiff_t>(choosers));
    }
    for (NodeId past = 0; past < id; ++past) {
      const std::vector<double>& from = group.values[at(past)];
      if (from.empty()) continue;
      const std::size_t numbers = terms_ * network_.steps_[at(past)].width;
      std::vector<double>& to = next.values[at(past)];
      to.resize(children.size() * numbers);
      for (std::size_t i = 0; i < children.size(); ++i)
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(children[i].parent * numbers),
                    numbers, to.begin() + static_cast<std::ptrdiff_t>(i * numbers));
    }
    return next;
  }

  PieceContext context_of(const CellGroup& group, std::size_t cell, NodeId id) const {
    const graph::Node& node = graph_.node(id);
    PieceContext context{graph_, node, group.cells[cell], {}, network_.steps_[at(id)].functions};
    for (const NodeId input : node.inputs) {
      const std::size_t width = network_.steps_[at(input)].width, numbers = terms_ * width;
      const std::vector<double>& fixed = network_.fixed_[at(input)];
      if (width == 0)
        context.in.push_back({fixed, fixed.size()});
      else
        context.in.push_back(
            {std::span(group.values[at(input)]).subspan(cell * numbers, numbers), width});
    }
    return context;
  }

  /// Computes the node's value on every cell, and forgets values that nobody reads any more.
  void compute(CellGroup& group, NodeId id) const {
    const Step& step = network_.steps_[at(id)];
    const std::size_t numbers = terms_ * step.width, choosers = network_.choosers_.size();
    std::vector<double>& values = group.values[at(id)];
    values.assign(group.cells.size() * numbers, 0.0);
    threads_.run(group.cells.size(), [&](std::size_t i) {
      const OutputRows out{std::span(values).subspan(i * numbers, numbers), step.width};
      const PieceContext context = context_of(group, i, id);
      if (step.rule->linear) return step.rule->linear(context, out);
      data::Hash pattern;
      step.rule->choose(context, out, pattern);
      group.choices[i * choosers + step.chooser] = pattern.state();
    });
    for (NodeId past = 0; past < id; ++past)
      if (network_.steps_[at(past)].last_user == id) group.values[at(past)] = {};
  }

  void finish(const CellGroup& group) {
    const std::size_t width = network_.outputs(), numbers = terms_ * width,
                      choosers = network_.choosers_.size();
    const std::vector<double>& values = group.values[at(graph_.result)];
    for (std::size_t i = 0; i < group.cells.size(); ++i) {
      if (++count_.parts > limit_) {
        count_.complete = false;
        return;
      }
      const auto choices = std::span(group.choices).subspan(i * choosers, choosers);
      data::Hash pattern;
      for (const std::uint64_t choice : choices) pattern.word(choice);
      visit_({group.cells[i],
              {std::span(values).subspan(i * numbers, numbers), width},
              pattern.state(),
              choices});
    }
  }

  const AffineNetwork& network_;
  const graph::Graph& graph_;
  std::size_t terms_, limit_, most_cells_;
  ThreadPool& threads_;
  const std::function<void(const AffinePart&)>& visit_;
  AffineCount count_;
  std::size_t waiting_ = 0;  ///< parts that are known and still to come
};

AffineCount AffineNetwork::run(AffineInputs inputs, std::size_t limit, ThreadPool& threads,
                               const std::function<void(const AffinePart&)>& visit) const {
  const std::size_t wanted = inputs.cells.size() * inputs.terms * inputs_;
  if (inputs.rows.size() != wanted)
    fail("the cells want ", wanted, " numbers (", inputs.cells.size(), " cells, ", inputs.terms,
         " rows of ", inputs_, " inputs), not ", inputs.rows.size());
  return AffineRun(*this, inputs.terms, limit, threads, visit).run(inputs);
}

}  // namespace rectify::diagnose
