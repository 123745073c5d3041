#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/diagnose/regions/piece_rule.h"
#include "rectify/model/model.h"

namespace rectify::diagnose {

/// Inputs to a network as affine functions on cells: row 0 of a cell is the input at the origin,
/// row 1 + i the slope along direction i. All cells have the same number of rows.
struct AffineInputs {
  std::vector<Cell> cells = {};
  std::size_t terms = 1;
  std::vector<double> rows = {};  ///< cells x terms x inputs, scaled as the network takes them
};

/// A cell on which the whole network is one affine function.
struct AffinePart {
  const Cell& cell;
  AffineRows outputs;
  std::uint64_t pattern;                   ///< hash of all choices
  std::span<const std::uint64_t> choices;  ///< hash of the choices of each node of choosers()
};

/// What a run found.
struct AffineCount {
  std::size_t parts = 0;
  bool complete = true;            ///< false: there are more parts than were asked for
  std::vector<std::size_t> after;  ///< for each node of choosers(): parts behind it
};

/// A network of piecewise linear operators, in inference, in double precision. On a cell of inputs
/// every value is an affine function until a node chooses between pieces, as relu does where its
/// input changes its sign. There the cell is cut, and each part goes on by itself. So all pieces
/// are found, and none is sampled. Numbers are exact to the rounding of double precision; borders
/// nearer than nearest_borders count as one.
class AffineNetwork {
 public:
  /// Refers to the model. Throws Error, which names the node, for a network that has one without
  /// linear pieces, such as sigmoid.
  explicit AffineNetwork(const model::Model& model);

  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const;
  /// The labels of the nodes that choose between pieces, in the order of the network.
  const std::vector<std::string>& choosers() const { return choosers_; }

  /// Calls `visit` for each part of the cells; on a segment in the order of its parts. Stops after
  /// `limit` parts. The same bits for any number of threads. Throws Error for rows that do not fit.
  AffineCount run(AffineInputs inputs, std::size_t limit, ThreadPool& threads,
                  const std::function<void(const AffinePart&)>& visit) const;

 private:
  friend class AffineRun;
  struct Step {
    const PieceRule* rule = nullptr;  ///< null: given, fixed or not needed
    std::vector<PiecewiseLinear> functions;
    std::size_t width = 0;
    graph::NodeId last_user = -1;
    std::size_t chooser = 0;  ///< number among choosers(), where the rule chooses
  };
  void prepare(const model::Model& model, graph::NodeId id, std::vector<bool>& needed);
  void compute_fixed(const model::Model& model, graph::NodeId id);

  const graph::Graph& graph_;
  graph::NodeId input_;
  std::size_t inputs_ = 0;
  std::size_t at_once_ = 0;  ///< numbers of a cell's values that live at the same time, at most
  std::vector<Step> steps_;
  std::vector<std::vector<double>> fixed_;  ///< values that are the same for every sample
  std::vector<std::string> choosers_;
};

}  // namespace rectify::diagnose
