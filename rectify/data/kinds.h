#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/data/sample_info.h"
#include "rectify/data/samples.h"

namespace rectify::data {

/// What a kind of data gets: the SPEC as the user wrote it (for errors and for the data set), and
/// the text after its first colon.
struct Request {
  std::string spec;
  std::string argument;
  Known known;  ///< of a model that the data are for
  std::string what() const { return "data '" + spec + "'"; }
};

/// A function that makes the data set of one kind. The caller fills in `spec`, and holds out a test
/// split where there is none.
using Opener = Dataset (*)(const Request& request, ThreadPool& threads);

/// A function that reads all samples of a SPEC in their order, to be answered.
using SampleReader = Samples (*)(const Request& request, const SampleRequest& wanted);

/// A function that says what is known of the samples of a SPEC.
using InfoReader = SampleInfo (*)(const Request& request);

/// A function that says which files and folders a SPEC names.
using PathReader = std::vector<std::string> (*)(const Request& request);

/// For kinds of which all that follows the colon is a path.
inline std::vector<std::string> only_path(const Request& request) { return {request.argument}; }

/// One kind of data. Each file of kinds/ defines one or more.
struct Kind {
  const char* name;
  const char* form;  ///< how its SPEC is written
  Opener open;
  SampleReader samples = nullptr;  ///< null: only its splits can be read
  InfoReader info = nullptr;       ///< null: nothing is known of its samples but what they are
  PathReader paths = nullptr;      ///< null: it is generated
};

/// All kinds of all files in kinds/ (the build collects them).
std::span<const Kind* const> kinds();

}  // namespace rectify::data
