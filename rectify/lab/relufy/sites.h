#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"

namespace rectify::lab {

/// Where a network has an activation: a layer of its own, or a gate (y = f(a) b).
struct Site {
  graph::NodeId node = -1;
  std::string item = {};  ///< as a model's text names it: "gelu", "swiglu"
  /// The parameter that is added to the pre-activations and to nothing else, so that a shift of the
  /// activation is a change of it: a bias, or the shift of a norm; -1: there is none.
  graph::NodeId bias = -1;
  /// Of the last axis of the node's input, and of the bias: what the activation is applied to.
  std::size_t first = 0, count = 0;
};

/// The activations that rectifiers can take the place of, in the network's order: those that are
/// exactly 0 over no interval, but for the identity, and for the network's answer.
std::vector<Site> smooth_sites(const graph::Graph& graph);

/// All activations and gates, in the network's order.
std::vector<Site> all_sites(const graph::Graph& graph);

/// The share of each site's values that are exactly 0 over the samples of the training split with
/// the numbers `rows`, in [0, 1].
std::vector<double> zero_shares(const model::Model& model, std::span<const Site> sites,
                                const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                                ThreadPool& threads);

/// A node's values over samples of the training split among `rows`, one after the other: at equal
/// distances, so many that there are about a million numbers, or 16 samples.
std::vector<float> values_of(const model::Model& model, graph::NodeId node,
                             const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                             ThreadPool& threads);

/// The number that the share `share` of a site's pre-activations do not exceed, over the samples of
/// values_of().
double quantile_of(const model::Model& model, const Site& site, double share,
                   const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                   ThreadPool& threads);

}  // namespace rectify::lab
