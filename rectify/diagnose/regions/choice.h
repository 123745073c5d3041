#pragma once

#include <cstdint>
#include <functional>

#include "rectify/diagnose/regions/piece_rule.h"

namespace rectify::diagnose {

/// Calls visit(place, elements) for each number of a max pool or a maxout: the elements of the
/// input that it is the largest of.
using EachChoice = std::function<void(
    const std::function<void(std::size_t, std::span<const std::size_t>)>& visit)>;

/// What max_pool and maxout share.
std::vector<Cell> split_choices(const PieceContext& context, const EachChoice& each,
                                std::size_t limit);
void choose_largest(const PieceContext& context, const EachChoice& each, OutputRows out,
                    data::Hash& pattern);

/// Calls visit(place, taps) for each number of a pooling node, with the elements of the image that
/// lie in its window.
void each_window(const PieceContext& context,
                 const std::function<void(std::size_t, std::span<const std::size_t>)>& visit);

}  // namespace rectify::diagnose
