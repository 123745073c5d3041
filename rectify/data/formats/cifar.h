#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// The record format of a binary version of CIFAR (Krizhevsky 2009): labels, then 32x32 pixels as
/// one plane for each colour.
struct CifarFormat {
  const char* name;    ///< for errors
  std::size_t labels;  ///< how many labels (bytes) stand before the pixels
  std::size_t used;    ///< the position of the label that is the class
  int classes;
};

inline constexpr CifarFormat cifar10_format{"CIFAR-10", 1, 0, 10};
inline constexpr CifarFormat cifar100_coarse{"CIFAR-100", 2, 0, 20},
    cifar100_fine{"CIFAR-100", 2, 1, 100};

/// Appends the samples of a CIFAR file, packed with gzip or plain, to `split`; planes become
/// 32x32x3. Throws Error, which names `name`, when the file is not a whole number of records or a
/// label is too large.
void append_cifar(std::string_view content, const std::string& name, const CifarFormat& format,
                  Split& split);

/// The names in a text with one name a line; empty unless there are exactly `count` names.
std::vector<std::string> names_in_lines(const std::string& text, std::size_t count);

}  // namespace rectify::data
