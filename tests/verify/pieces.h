#pragma once

// The least value that a small network reaches in a box, from all its linear pieces: a second
// opinion on proofs, which shares nothing with them but the parameters.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "rectify/model/model.h"

namespace rectify {

/// A network `inputs : dense | activation | dense | activation | ... | dense` in double precision.
class PieceNetwork {
 public:
  /// `activations`: a name for each dense layer but the last: relu, leaky_relu (a=0.2), prelu,
  /// hard_tanh, relu6, hard_sigmoid, or maxout (of 2 pieces).
  PieceNetwork(const model::Model& model, std::vector<std::string> activations);

  /// The outputs at x. Each number of `sides`, in the order of layers, is at least 0 on one side of
  /// a kink and at most 0 on the other. It is linear in x wherever those before have fixed signs.
  std::vector<double> outputs(std::span<const double> x, std::vector<double>& sides) const;

 private:
  struct Layer {
    std::vector<double> weight, bias, slopes;  ///< weight: in x out; slopes: of prelu
    std::string activation;
  };
  std::vector<Layer> layers_;
};

/// A function's least value and its largest size at the corners of its pieces.
struct Least {
  double value, size;
  std::size_t pieces;  ///< simplices that the box was cut into
};

/// Values of some functions at a place, and numbers that say on which piece it is.
using Look =
    std::function<std::vector<double>(std::span<const double> x, std::vector<double>& sides)>;

/// The least value over a box of the largest of the functions that `look` returns. The box is cut
/// into simplices, and each along its edges until no side changes its sign within one: then all
/// functions are linear, and the least value is at a corner.
Least least_of_largest(const Look& look, std::span<const double> lower,
                       std::span<const double> upper);

}  // namespace rectify
