#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"

namespace rectify::lab {

/// The same layer in two networks: the labels of its activation there.
struct SwappedLayer {
  std::string before, after;
};

/// Makes up for another activation in the dense layers that read it, as well as a line can: unit by
/// unit, they get factor r(x) + offset in place of r(x), where factor and offset are what brings
/// r(x) closest to the f(x) of `before` by least squares, over samples of the training split among
/// `rows`. The factor goes into their weights, in [0.1, 10], the offset into their biases. Returns
/// false, and changes nothing, where others read the layer too, or where one of them has no bias.
bool adapt_readers(const model::Model& before, model::Model& after, const SwappedLayer& layer,
                   const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                   ThreadPool& threads);

}  // namespace rectify::lab
