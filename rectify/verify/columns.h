#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "rectify/verify/bounds.h"

namespace rectify::verify {

/// A number that could be decided next.
struct Choice {
  Decision decision;
  float positive_weight = 0, negative_weight = 0;  ///< with them no bound is lost
};

/// A sub-problem of a search that decides numbers: all inputs of the box at which each decided
/// number is on its side. The slopes of lines below relus, one for each number that is open at the
/// root, and the weights of the decisions are what its bound was found with.
struct Node {
  std::size_t function = 0;  ///< which of the functions of Columns it bounds
  std::vector<Decision> decisions;
  std::vector<float> weights;   ///< of each decision, at least 0
  std::vector<float> slopes;    ///< in [0, 1]
  double lower = 0;             ///< of the function
  std::vector<Choice> choices;  ///< the most promising first
  std::vector<float> x;         ///< the input of the box at which the bound is reached
};

/// Bounds functions of a layer's numbers from below for several nodes at once, each a column, and
/// makes the bounds larger by gradient steps in slopes and weights (Xu et al. 2021, "Fast and
/// complete"; Wang et al. 2021, "Beta-CROWN"). Any slopes in [0, 1] and weights of at least 0 give
/// bounds that hold.
class Columns {
 public:
  /// Refers to all of them. `states` and `ranges` are those of a narrowed box. `layer` is an affine
  /// one; function f is the sum over its numbers of coefficients[f * width + number] * number.
  /// Without coefficients function 2 n is number n, and function 2 n + 1 is its negative.
  Columns(const Structure& structure, const std::vector<LayerState>& states, const Ranges& ranges,
          std::size_t layer, std::vector<double> coefficients);

  /// Numbers that are open.
  std::size_t open() const { return open_.size(); }
  /// These relus, in the order of a node's slopes.
  std::vector<Decision> open_relus() const;
  /// A node without decisions.
  Node root(std::size_t function = 0) const;
  /// A bounded node with one more number decided. Its bound is at least that of the node.
  static Node half(const Node& node, const Choice& choice, bool positive);

  /// Fills in lower alone, for the nodes' slopes and weights.
  void look(std::span<Node> nodes);
  /// Fills in lower, choices, slopes, weights and x of nodes whose slopes and weights are first
  /// guesses. Takes no further steps once all bounds are above `enough`.
  void bound(std::span<Node> nodes, std::size_t steps,
             double enough = std::numeric_limits<double>::infinity());

 private:
  /// A number of a relu that may be on both sides of its kink at the root.
  struct Open {
    std::size_t layer, source;          ///< the relu, and what it is applied to
    std::uint32_t number, live, below;  ///< in both; among the live of the relu; of the source
  };
  /// What a column's best bound so far was found with: open_ x columns, and inputs x columns.
  struct Best {
    std::vector<double> lower, slope, weight, coefficient, x;
    std::vector<char> is_better;
  };
  void load(std::span<const Node> nodes);
  void set_functions(std::span<const Node> nodes);
  void start_numbers(std::span<const Node> nodes);
  void go_backwards();
  void go_through_relu(std::size_t layer);
  void go_forwards();
  void pass_affine(std::size_t layer);
  void pass_relu(std::size_t layer);
  void keep_best(std::size_t count);
  void ascend(std::size_t step);
  void store(std::span<Node> nodes) const;
  void choose(Node& node, std::size_t column) const;
  std::size_t place_of(const Decision& decision) const;

  const Structure& structure_;
  const std::vector<LayerState>& states_;
  const Ranges& ranges_;
  std::size_t layer_;
  std::vector<double> coefficients_;
  std::vector<std::vector<std::vector<double>>> transposed_;  ///< dense matrices: layer, term
  std::vector<Open> open_;
  std::vector<std::vector<std::int32_t>> open_of_live_;  ///< -1: not open
  Walk walk_;
  std::vector<std::vector<double>> first_;  ///< what the functions are of the layers below layer_
  std::vector<double> first_sums_;
  std::vector<std::vector<double>> values_;  ///< of each layer: live x columns
  // open_ x columns
  std::vector<signed char> side_;  ///< 1: decided to be positive, -1: negative, 0: open
  std::vector<double> slope_, weight_, coefficient_;
  std::vector<double> mean_, size_;  ///< of gradients, as in Adam
  Best best_;
};

/// Of pairs of halves, one pair after the other, the first half of the pair whose worse bound is
/// best. Bounds above `enough` count as that.
std::size_t better_choice(std::span<const Node> halves, double enough);

}  // namespace rectify::verify
