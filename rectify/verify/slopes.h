#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/verify/bounds.h"
#include "rectify/verify/network.h"

// The slopes of a network's outputs in its inputs, in real arithmetic.
//
// Backpropagation is a network itself: it starts from the coefficients c of the outputs, goes
// through the transposed matrices, and multiplies by the slope of each activation. In a box each of
// these slopes is a factor between two bounds: a gate. So the bounds of a network also bound its
// slopes (Zhang et al. 2019, "RecurJac: an efficient recursive algorithm for bounding Jacobian
// matrix of neural networks and its applications").

namespace rectify::verify {

/// Backpropagation through a network, as a network of sums and gates.
class SlopeNetwork {
 public:
  /// Refers to `of`.
  explicit SlopeNetwork(const Network& of);
  SlopeNetwork(const SlopeNetwork&) = delete;
  SlopeNetwork& operator=(const SlopeNetwork&) = delete;

  const Network& of;
  /// For each layer of the network, the layer here that holds the slopes of c y in its numbers.
  std::vector<std::size_t> place;
  /// For each activation of the network, its gate here.
  std::vector<std::size_t> gate;
  Network network;
  std::unique_ptr<const Structure> structure;  ///< of `network`
};

/// The derivative of all numbers along a direction of the inputs, as a network of sums and gates.
/// What the bounds of backpropagation lose they may keep, and the other way round.
Network derivative_of(const Network& network);

/// Bounds of slopes wherever the numbers of a network lie in some ranges. They hold for the network
/// of these parameters in real arithmetic, our own rounding included.
class SlopeBounder {
 public:
  SlopeBounder(const Structure& structure, const SlopeNetwork& slopes);

  /// From now on bounds the slopes of c y, where the numbers of the network lie in `ranges`.
  void narrow(const Ranges& ranges, std::span<const double> coefficients);

  /// Bounds of the slopes in these inputs.
  std::vector<activation::Interval> slopes(std::span<const std::uint32_t> inputs);

  /// Where the slope of each activation lies, after narrow().
  const std::vector<std::vector<activation::Interval>>& factors() const { return factors_; }

  /// The largest size of the slope of c y in each number of a layer.
  std::span<const double> sizes(std::size_t layer) const;

  /// For each number of Ranges that may be on both sides of its kink: an estimate of how much its
  /// side changes the slopes in the inputs that have a direction other than 0.
  void estimate(std::span<const double> direction, std::span<double> scores) const;

 private:
  const Structure& structure_;
  const SlopeNetwork& slopes_;
  Bounder bounder_;
  Ranges ranges_;
  std::vector<std::vector<activation::Interval>> factors_;  ///< of each activation
};

/// How far c y may be from that of the network in real arithmetic, anywhere in a box.
struct OutputErrors {
  double single = 0;   ///< of the float32 network
  double doubled = 0;  ///< of outputs_at()
};
/// The same for the box that `bounder` has narrowed last, and `slopes` for its ranges and c.
OutputErrors output_errors(const Structure& structure, const Bounder& bounder,
                           const SlopeBounder& slopes);

/// The network in real arithmetic: without the errors of float32.
Network without_rounding(Network network);

/// The slopes of c y in all inputs at x, in double precision; at a kink those of its left side.
std::vector<double> slopes_at(const Network& network, std::span<const double> x,
                              std::span<const double> coefficients);

}  // namespace rectify::verify
