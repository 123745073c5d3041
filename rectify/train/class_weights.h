#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::train {

/// The factor on the loss of the samples of each class, by Options::class_weights. `none`: empty.
/// `balanced`: n / (classes x samples of the class), so that each class counts the same in all and
/// the mean over `samples` stays 1 (scikit-learn's "balanced"); 1 for a class without samples. A
/// list: the numbers that it gives, and 1 for other classes. Throws Error for a class that the data
/// lack, and for data without classes.
///
///     class_weights("balanced", dataset, rows);  // 90 cats, 10 dogs: {0.5556, 5}
///     class_weights("dog=3", dataset, rows);     // {1, 3}
std::vector<float> class_weights(const std::string& text, const data::Dataset& dataset,
                                 std::span<const std::uint32_t> samples);

/// The list that is neither `none` nor `balanced`. Throws Error for what is no list.
std::vector<std::pair<std::string, double>> parse_weights(const std::string& text);

}  // namespace rectify::train
