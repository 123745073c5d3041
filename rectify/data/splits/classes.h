#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// Makes classes of the labels of both splits; `test` may be empty. Every number or name that
/// occurs is a class. Numbers are in ascending order, names in the order of their bytes. Fills in
/// the labels and `class_names`. Throws Error, which begins with `what`, for more than 65,536
/// classes.
void make_classes(Dataset& dataset, std::span<const std::int64_t> train,
                  std::span<const std::int64_t> test, const std::string& what);
void make_classes(Dataset& dataset, std::span<const std::string> train,
                  std::span<const std::string> test, const std::string& what);

/// Gives the labels of both splits, and samples that are ids, the numbers that their classes have
/// in `names`, which become the class names. Throws Error, which begins with `what`, for classes
/// that are not among them.
void renumber_classes(Dataset& dataset, const std::vector<std::string>& names,
                      const std::string& what);

}  // namespace rectify::data
