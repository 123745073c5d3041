#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/base/shape.h"
#include "rectify/model/model.h"

namespace rectify::pretrain {

/// One way through a layer without its noise, as a part of an ordinary network.
struct Passage {
  Shape input, output;  ///< 784, or 28x28x1 where the places of pictures matter
  std::string text;     ///< "dense 500 | sigmoid"
  std::vector<std::vector<float>> parameters;  ///< in the order of the text
};

/// f(x W + c): "dense 500 | sigmoid" with W (inputs x units, row-major) and c.
Passage dense_passage(std::string_view activation, std::vector<float> weight,
                      std::vector<float> bias);

/// Passages one after the other as a network. Where one gives a picture and the next takes a row of
/// numbers, or the other way round, a `flatten` or `reshape` stands between them.
///
///     const Passage both[] = {up, down};
///     const model::Model autoencoder = network_of(both);
model::Model network_of(std::span<const Passage> passages);

}  // namespace rectify::pretrain
