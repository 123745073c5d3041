#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/curve.h"

namespace rectify::verify {

/// One nonzero number of a matrix.
struct Entry {
  std::uint32_t in, out;
  double weight;
};

/// What a layer takes from one other: in x out numbers, dense or sparse.
struct Matrix {
  std::size_t in = 0, out = 0;
  std::vector<double> dense;         ///< in x out, row-major; empty where it is sparse
  std::vector<std::uint32_t> begin;  ///< sparse: entries begin[i] to begin[i + 1] are of input i
  std::vector<std::uint32_t> index;  ///< the output of each entry
  std::vector<double> weight;

  static Matrix of_dense(std::size_t in, std::size_t out, std::vector<double> numbers);
  static Matrix of_entries(std::size_t in, std::size_t out, std::vector<Entry> entries);

  static Matrix of_diagonal(const std::vector<double>& factors);

  /// Calls visit(out, weight) for each number of an input that is not 0.
  template <class Visit>
  void each(std::size_t i, Visit&& visit) const {
    if (dense.empty())
      for (std::uint32_t k = begin[i]; k < begin[i + 1]; ++k) visit(index[k], weight[k]);
    else
      for (std::size_t o = 0; o < out; ++o)
        if (const double w = dense[i * out + o]; w != 0) visit(o, w);
  }
};

/// Sizes from here on may overflow in float32. Two numbers below it can be added.
inline constexpr double least_overflow = 0x1p126;

enum class Kind {
  input,   ///< what a sample holds, not normalised
  affine,  ///< a sum over `terms` of matrix x layer, plus `bias`
  relu,    ///< max(0, x) of each number of `source`
  smooth,  ///< a curve's value at each number of `source`
  gate,    ///< each number of `source` times a factor, of which bounds are known in a box
};

/// A value of the network as bounds see it.
///
/// The float32 network computes an affine layer with errors. Of each number y of it, the error is
/// at most rounding * s + least, where s is the sum of the sizes of all that is added; where
/// `more_error` is set, it adds to that. So a bound holds whatever order the sums are taken in
/// (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1).
struct Layer {
  struct Term {
    std::size_t from;
    Matrix matrix;
  };
  Kind kind = Kind::input;
  std::string label;  ///< of the node of the model's graph
  std::size_t width = 0;
  std::vector<Term> terms;
  std::vector<double> bias;
  double rounding = 0, least = 0;
  /// What the float network holds on its way to a number is at most so many times s: a mean is a
  /// sum before it is divided. Infinite where it may overflow whatever s is.
  double growth = 1;
  /// Adds errors, given the largest sizes of the numbers of each term's layer. An infinite one:
  /// the float network may overflow on its way to the number.
  std::function<void(std::span<const std::vector<double>* const> sizes, std::span<double> error)>
      more_error;
  std::size_t source = 0;                   ///< of relu, smooth and gate
  std::shared_ptr<const Curve> curve = {};  ///< of smooth
};

/// Whether the float network may overflow on its way to a number of an affine layer, of which s is
/// `size` and what more_error added is `error`.
inline bool may_overflow(const Layer& layer, double size, double error) {
  return !(size * layer.growth < least_overflow) ||
         !(error < std::numeric_limits<double>::infinity());
}

/// A network of few kinds of layers, each after those that it reads. All that is linear is a
/// matrix; max pools, maxouts and activations that consist of lines are matrices and relus, which
/// give the same numbers: max(a, b) = a + relu(b - a). Other activations are curves.
struct Network {
  std::vector<Layer> layers;  ///< the first is the input, the last the output

  std::size_t inputs() const { return layers.front().width; }
  std::size_t outputs() const { return layers.back().width; }
  /// Whether some layer is smooth: such a network does not consist of linear pieces.
  bool has_curves() const;
  /// Numbers that are added up on the way through the network, at most: layers' widths and biases.
  double additions() const;
};

/// The error of a sum of n products in float32, relative to the sum of their sizes, with a few
/// roundings to spare.
double float_rounding(double n);
/// What n products that underflow can add.
double float_underflow(double n);

/// The network that a predictor runs: its normalisation, its graph with folded batch norms, and
/// what it does to targets. Throws Error, which names the node, for an operator without a rule and
/// for numbers that are not finite, and for a predictor that keeps its weights as anything but
/// fp32.
Network network_of(const model::Predictor& predictor);

/// The numbers of all layers for one input, in double precision. Not of a network with gates.
std::vector<std::vector<double>> numbers_at(const Network& network, std::span<const double> input);
/// The outputs alone.
std::vector<double> outputs_at(const Network& network, std::span<const double> input);

}  // namespace rectify::verify
