#pragma once

#include <string>
#include <vector>

#include "rectify/model/model.h"

namespace rectify::diagnose {

/// What the units of the first layer look for, as pictures of their weights.
struct FirstWeights {
  std::string label;                      ///< "dense1.weight"
  Shape shape;                            ///< of a picture: height x width x channels
  std::size_t units = 0;                  ///< of the layer
  std::vector<std::size_t> numbers = {};  ///< of the units that are shown, the largest norm first
  std::vector<std::vector<float>> maps = {};  ///< one for each: its incoming weights
};

/// The weights of the first layer: of `dense` as pictures of the input's shape, of `conv` its
/// windows. The `most` units with the largest norms. Throws Error for inputs that are no images,
/// and where no layer reads them.
FirstWeights first_weights(const model::Model& model, const Shape& image, std::size_t most = 100);

}  // namespace rectify::diagnose
