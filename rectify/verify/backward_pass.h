#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rectify/verify/network.h"
#include "rectify/verify/property.h"

// Linear bounds for the checker of certificates (checker.h).

namespace rectify::verify {

/// What is known of a sub-problem: the numbers of all layers, layer after layer.
struct Known {
  std::vector<double> lower, upper;  ///< each number that float32 computes lies between
  std::vector<double> error;         ///< affine: what rounding may change
  /// A sum may overflow in float32. Then nothing is known, not even that numbers are numbers.
  bool may_overflow = false;
};

/// A linear function that some function of the network is at least, in a sub-problem.
struct Line {
  std::vector<double> slopes;  ///< of the inputs
  double offset = 0;

  /// A number that the line is not below in the box.
  double least(const Box& box) const;
};

/// The size of what lies between.
double size_between(double low, double high);

/// Where a network's numbers are in Known, and how much sums in double precision may be off.
struct NumberPlaces {
  const Network& network;
  std::vector<std::size_t> first;  ///< of each layer; then how many there are
  double rounding = 0;             ///< relative to the sums of sizes
};

/// Functions of a network's numbers on their way from some layers back to the inputs. After each
/// step function f is at least
///
///     the sum over layers and numbers of at_[layer][number, f] x number, + value_[f] - error_[f]
///
/// in the sub-problem. A coefficient that is added is wrong by at most a share `rounding` of it.
/// That error times the number's size goes to error_.
class BackwardPass {
 public:
  /// Refers to `places` and `known`. `below`: for each number of a relu the slope of the line below
  /// it; negative, or empty: the usual one.
  BackwardPass(const NumberPlaces& places, const Known& known, std::size_t functions,
               std::span<const double> below = {});

  /// Adds coefficient x number to a function.
  void add(std::size_t layer, std::size_t number, std::size_t function, double coefficient);
  void add_constant(std::size_t function, double x);
  /// Takes all functions to the inputs.
  void run();
  Line line(std::size_t function);

 private:
  double* block(std::size_t layer);
  void through_affine(std::size_t l);
  void through_relu(std::size_t l);

  const NumberPlaces& places_;
  const std::vector<Layer>& layers_;
  const Known& known_;
  std::span<const double> below_;
  std::size_t n_;
  std::vector<std::vector<double>> at_;  ///< of each layer: width x functions; empty: all 0
  std::vector<double> value_, size_, error_;
};

}  // namespace rectify::verify
