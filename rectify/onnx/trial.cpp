// Where a formula may differ from a function that equals it at sample_places(). Clip(x, -50, 50) is
// x at all of them, and so is a Where that cuts off what is below 0.05. The formula is known node
// by node, so its kinks can be found: most lie where an argument of a node changes its sign, or
// where two arguments change their order.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "rectify/onnx/formula.h"

namespace rectify::onnx {

namespace {

/// How close to a kink a trial looks. Constants are floats, which moves kinks by less than that.
double beside(double x) { return 1e-6 + 1e-5 * std::abs(x); }

/// Which of two values is larger; 2 if that cannot be said. What rounding alone tells apart is
/// equal: else every sum would have kinks.
int sign_of_difference(double a, double b) {
  if (a == b) return 0;
  if (std::isnan(a - b)) return 2;
  if (std::isfinite(a - b) && std::abs(a - b) <= 1e-12 * std::max({1.0, std::abs(a), std::abs(b)}))
    return 0;
  return a < b ? -1 : 1;
}

/// The nodes of a formula, each after those that it reads, and their values at a growing list of
/// places.
class FormulaNodes {
 public:
  /// Not all formulas are taken apart: ok() is false for one that is too large.
  explicit FormulaNodes(const Formula& top) {
    nodes_.push_back({});  // x itself
    add(top);
  }
  bool ok() const { return ok_; }

  void add_places(const Samples& places) {
    places_.insert(places_.end(), places.begin(), places.end());
    ok_ = ok_ && places_.size() <= most_places;
    order_.resize(places_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::sort(order_, {}, [this](std::size_t i) { return places_[i]; });
  }

  /// Adds places beside the kinks of all nodes.
  void find_kinks() {
    for (std::size_t i = 1; i < nodes_.size() && ok_; ++i) {
      std::vector<Operand> of = nodes_[i].operands;
      of.push_back({});  // 0
      for (std::size_t a = 0; a < of.size() && ok_; ++a)
        for (std::size_t b = a + 1; b < of.size() && ok_; ++b)
          if (of[a].node >= 0 || of[b].node >= 0) find_crossings(of[a], of[b]);
    }
  }

  /// Adds a place between any two that are not beside the same kink.
  void add_middles() {
    Samples middles;
    for (std::size_t i = 1; i < order_.size(); ++i) {
      const double a = places_[order_[i - 1]], b = places_[order_[i]];
      if (b - a > 4 * beside(a)) middles.push_back(a + (b - a) / 2);
    }
    add_places(middles);
  }

  Trial trial() {
    extend(nodes_.size());
    return {places_, nodes_.back().values};
  }

 private:
  /// What a node reads: the value of another one, or a number.
  struct Operand {
    int node = -1;
    double number = 0;
  };
  struct Node {
    const Formula* formula = nullptr;  ///< null: x
    std::vector<Operand> operands = {};
    Samples values = {};  ///< at the first of the places
  };

  static constexpr std::size_t most_nodes = 2048, most_places = 4096;
  static constexpr std::size_t most_steps = std::size_t{1} << 25;  ///< about a second

  int add(const Formula& formula) {
    if (const auto known = index_.find(&formula); known != index_.end()) return known->second;
    Node node{.formula = &formula};
    for (const Argument& a : formula.arguments) {
      if (!ok_) return 0;
      ok_ = ok_ && (!a.constant || std::isfinite(*a.constant));
      if (a.constant)
        node.operands.push_back({.number = *a.constant});
      else
        node.operands.push_back({.node = a.formula ? add(*a.formula) : 0});
    }
    nodes_.push_back(std::move(node));
    ok_ = ok_ && nodes_.size() <= most_nodes;
    return index_[&formula] = static_cast<int>(nodes_.size()) - 1;
  }

  void spend(std::size_t steps) {
    steps_ += steps;
    ok_ = ok_ && steps_ <= most_steps;
  }

  double value_of(const Operand& operand, std::size_t place) const {
    return operand.node < 0 ? operand.number
                            : nodes_[static_cast<std::size_t>(operand.node)].values[place];
  }

  /// Computes the first nodes at the places that are new.
  void extend(std::size_t count) {
    for (std::size_t i = 0; i < count && ok_; ++i) {
      Node& node = nodes_[i];
      spend(places_.size() - node.values.size());
      std::vector<double> x(node.operands.size());
      for (std::size_t p = node.values.size(); p < places_.size(); ++p) {
        for (std::size_t k = 0; k < x.size(); ++k) x[k] = value_of(node.operands[k], p);
        node.values.push_back(node.formula ? node.formula->function(x) : places_[p]);
      }
    }
  }

  /// The order of two operands at a place that is not on the list.
  int order_at(const Operand& a, const Operand& b, double place) {
    const auto last = static_cast<std::size_t>(std::max(a.node, b.node));
    spend(last + 1);
    scratch_.resize(nodes_.size());
    const auto value = [this](const Operand& operand) {
      return operand.node < 0 ? operand.number : scratch_[static_cast<std::size_t>(operand.node)];
    };
    std::vector<double> x;
    for (std::size_t i = 0; i <= last; ++i) {
      x.clear();
      for (const Operand& operand : nodes_[i].operands) x.push_back(value(operand));
      scratch_[i] = nodes_[i].formula ? nodes_[i].formula->function(x) : place;
    }
    return sign_of_difference(value(a), value(b));
  }

  void find_crossings(const Operand& a, const Operand& b) {
    extend(static_cast<std::size_t>(std::max(a.node, b.node)) + 1);
    spend(order_.size());
    if (!ok_) return;
    Samples found;
    for (std::size_t i = 1; i < order_.size() && ok_; ++i) {
      double low = places_[order_[i - 1]], high = places_[order_[i]];
      const int before = sign_of_difference(value_of(a, order_[i - 1]), value_of(b, order_[i - 1]));
      const int after = sign_of_difference(value_of(a, order_[i]), value_of(b, order_[i]));
      if (before == after || high - low <= 4 * beside(low)) continue;
      constexpr int halvings = 24;  // of at most 0.1 near 0, of at most 8 x elsewhere
      for (int step = 0; step < halvings && ok_; ++step) {
        const double middle = low + (high - low) / 2;
        (order_at(a, b, middle) == before ? low : high) = middle;
      }
      found.insert(found.end(), {low - beside(low), high + beside(high)});
    }
    if (!found.empty()) add_places(found);
  }

  std::vector<Node> nodes_;
  std::unordered_map<const Formula*, int> index_;
  Samples places_, scratch_;
  std::vector<std::size_t> order_;  ///< of the places, ascending
  std::size_t steps_ = 0;
  bool ok_ = true;
};

/// sample_places(), and far ones up to what a float can hold.
Samples all_places() {
  Samples places = sample_places();
  for (double x = 64; x < 1e38; x *= 8) places.insert(places.end(), {-x, x});
  return places;
}

}  // namespace

std::optional<Trial> trial_of(const Formula& formula) {
  FormulaNodes nodes(formula);
  if (!nodes.ok()) return std::nullopt;
  nodes.add_places(all_places());
  // Twice: the kinks that the first pass finds part places between which others hide.
  for (int pass = 0; pass < 2; ++pass) nodes.find_kinks();
  nodes.add_middles();
  Trial trial = nodes.trial();
  return nodes.ok() ? std::optional(std::move(trial)) : std::nullopt;
}

}  // namespace rectify::onnx
