#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// A binary version of CIFAR (Krizhevsky 2009): records of labels and 32x32 pixels, plane after
/// plane.
struct CifarFormat {
  const char* name;    ///< for errors
  std::size_t labels;  ///< bytes before the pixels
  std::size_t used;    ///< which of them is the class
  int classes;
};

inline constexpr CifarFormat cifar10_format{"CIFAR-10", 1, 0, 10};
inline constexpr CifarFormat cifar100_coarse{"CIFAR-100", 2, 0, 20},
    cifar100_fine{"CIFAR-100", 2, 1, 100};

/// Appends the bytes of such a file, packed with gzip or plain, to `split`; planes become 32x32x3.
/// Throws Error, naming `name`, when it is no whole number of records or a label is too large.
void append_cifar(std::string_view content, const std::string& name, const CifarFormat& format,
                  Split& split);

/// The names in a text, one a line; none where it does not have exactly `count`.
std::vector<std::string> names_in_lines(const std::string& text, std::size_t count);

}  // namespace rectify::data
