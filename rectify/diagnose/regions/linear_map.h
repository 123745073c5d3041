#pragma once

#include <span>
#include <vector>

#include "rectify/diagnose/regions/affine_network.h"

namespace rectify::diagnose {

/// What a network is in the piece around one input: network(x) = matrix x + offset.
struct LinearMap {
  std::size_t outputs = 0, inputs = 0;
  std::vector<double> matrix =
      {};  ///< outputs x inputs, row-major: row k is the gradient of output k
  std::vector<double> offset = {};  ///< one for each output
  std::vector<double> value = {};   ///< the outputs at the input itself

  std::span<const double> gradient(std::size_t output) const {
    return std::span(matrix).subspan(output * inputs, inputs);
  }
};

/// The exact linear map at `input`, as the network takes it. At a kink it is that of the left
/// piece, as relu has the slope 0 at 0. The work is that of inputs + 1 forward passes. Throws Error
/// for an input of another size.
///
///     const LinearMap map = linear_map_at(AffineNetwork(model), sample, threads);
///     map.gradient(3);  // what each number of the sample does to output 3
LinearMap linear_map_at(const AffineNetwork& network, std::span<const float> input,
                        ThreadPool& threads);

}  // namespace rectify::diagnose
