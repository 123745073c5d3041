#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::diagnose {

/// Which parameters make the units of one activation layer, and which read them. A unit is a
/// channel: the last axis of the layer's weight.
///
///     784 : dense 30 | batch_norm | relu | dropout 0.5 | dense 10
///
///     unit 3 of relu1:  column 3 of dense1.weight and element 3 of dense1.bias, batch_norm1.mean,
///                       .variance, .scale and .shift come in; row 3 of dense2.weight goes out.
///
/// Behind `flatten` a channel has a row for each position. Pooling, `flatten` and `dropout` may lie
/// between the activation and its readers.
struct Links {
  graph::NodeId activation = -1;
  graph::NodeId layer = -1;  ///< the dense or conv that feeds it
  graph::NodeId norm = -1;   ///< the batch_norm between them; -1: there is none
  std::size_t units = 0;
  /// Parameters and states that have a number, or a last axis, for each unit.
  std::vector<graph::NodeId> incoming;
  std::vector<graph::NodeId> readers;  ///< weights, dense or conv, whose input axis are the units
  /// Why the units cannot be changed one by one, for people; empty: they can, and all of the above
  /// is known.
  std::string refusal;
};

/// The links of every activation of the network, ascending.
std::vector<Links> links_of(const graph::Graph& graph);

/// The bias of the layer; -1: it has none.
graph::NodeId bias_of(const graph::Graph& graph, const Links& links);

/// The batch_norm's parameters and states; -1 for scale and shift where it has none.
struct NormNumbers {
  graph::NodeId mean, variance, scale = -1, shift = -1;
};
NormNumbers norm_numbers(const graph::Graph& graph, graph::NodeId norm);

}  // namespace rectify::diagnose
