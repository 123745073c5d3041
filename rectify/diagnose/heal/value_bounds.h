#pragma once

#include <optional>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"
#include "rectify/model/model.h"
#include "rectify/verify/property.h"

namespace rectify::diagnose {

using activation::Interval;

/// What each number of a sample can be, in the data's own units: between `given` for every feature;
/// without it, in the range that the feature has in the data.
verify::Box stored_bounds(const data::Dataset& dataset, const std::optional<Interval>& given);

/// What each number of a sample can be once it is normalised: between `given`, which is in the
/// data's own units, for every feature; without it, in the range that the feature has in the data.
std::vector<Interval> input_bounds(const data::Dataset& dataset,
                                   const data::Normalisation& normalisation,
                                   const std::optional<Interval>& given);

/// Bounds of every value of a network for one sample, by interval arithmetic: for each node an
/// interval for each element; empty where the node's operator is not known here, and after it.
///
/// They hold for what the float kernels compute in inference, not only for real numbers: every sum
/// of n products, in whatever order and with whatever fused operations, is within g(n) = n u / (1 -
/// n u), u = 2^-24, times the sum of the products' sizes (Higham 2002, Accuracy and Stability of
/// Numerical Algorithms, section 3.1), and the intervals are widened by that, with a few n to spare
/// for a batch_norm that is folded into a layer, and by 2^-126 a product for what underflows. A
/// convolution that Winograd's algorithm may compute is widened by what its points can add
/// (docs/decisions/0013). Products of bfloat16 are not covered.
std::vector<std::vector<Interval>> value_bounds(const model::Model& model,
                                                const std::vector<Interval>& inputs);

/// Whether an activation gives exactly 0 for every x of an interval. To make one is slow.
class ZeroTest {
 public:
  explicit ZeroTest(const graph::Node& activation);
  bool operator()(const Interval& x) const;

 private:
  const activation::Row& row_;
  activation::Parameters p_;
  std::vector<double> turns_;
  bool possible_;
};

}  // namespace rectify::diagnose
