#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "rectify/data/toys/solid.h"

namespace rectify::data {

/// Toys of each category.
inline constexpr std::size_t toys_per_category = 10;

/// A category: its toys, each of which fits into the ball of radius 1 around the origin.
using Category = std::array<Toy, toys_per_category>;

Category animals();
Category humans();
Category airplanes();
Category trucks();
Category cars();

/// The whole collection, in the order of NORB's categories.
const std::array<Category, 5>& toy_collection();

}  // namespace rectify::data
