#pragma once

#include <string>
#include <string_view>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// Appends the bytes of a batch of CIFAR-10's binary version (Krizhevsky 2009), packed with gzip or
/// plain, to `split`: records of a label and 32x32 pixels, plane after plane, which become 32x32x3.
/// Throws Error, naming `name`, when it is no whole number of records or a label is above 9.
void append_cifar10(std::string_view content, const std::string& name, Split& split);

}  // namespace rectify::data
