#pragma once

#include <span>
#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// What a kind of data is given: the SPEC as the person wrote it (for errors and for the data set),
/// and what stands behind its first colon.
struct Request {
  std::string spec;
  std::string argument;
  std::string what() const { return "data '" + spec + "'"; }
};

/// Makes the data set of one kind. The caller fills in `spec` and, where there is no test split,
/// holds one out.
using Opener = Dataset (*)(const Request& request, ThreadPool& threads);

/// One kind of data: one or more stand in each file of kinds/.
struct Kind {
  const char* name;
  const char* form;  ///< how it is written
  Opener open;
};

/// Every kind there is: those of every file in kinds/ (the build collects them).
std::span<const Kind* const> kinds();

}  // namespace rectify::data
