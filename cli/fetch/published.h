#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rectify::cli {

/// A file as its publisher offers it.
struct PublishedFile {
  std::string name;
  std::int64_t size;  ///< in bytes; for the estimate of the time that is left
  std::string md5;    ///< as published
};

/// A data set that can be fetched.
struct PublishedSet {
  std::string name;
  std::string base;  ///< URL that the names of the files go behind
  std::vector<PublishedFile> files;
  std::vector<std::string> members;  ///< of a tar archive, to be unpacked; empty when it is none
  std::string kind;                  ///< the data SPEC that reads the folder begins with this
};

/// MNIST, Fashion-MNIST and CIFAR-10.
std::span<const PublishedSet> published_sets();

/// The set of that name. Throws Error, suggesting the nearest, when there is none.
const PublishedSet& published_set(const std::string& name);

}  // namespace rectify::cli
