#pragma once

#include <functional>

#include "rectify/graph/window.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference {

/// Calls visit(place, taps) for every number that a pooling node gives: its element, and the
/// elements of the images that lie in its window, row by row.
void each_place(const Context& context, const Shape& image,
                const std::function<void(std::size_t, const std::vector<std::size_t>&)>& visit);

}  // namespace rectify::run::reference
