#pragma once

#include <string>
#include <vector>

namespace rectify::data {

/// Throws Error unless `folder` is a directory. The error ends with `advice`, which says what is
/// needed ("mnist:DIR needs ...").
void check_folder(const std::string& folder, const std::string& advice);

/// The names of the files and folders in `folder`, in alphabetical order. Throws Error when it
/// cannot be read.
std::vector<std::string> names_in(const std::string& folder);

/// The path of the first of `names` that is a file in `folder`. If none is a file, the path of the
/// first that is a directory (reading it gives a clear error); empty if there is neither.
std::string first_file(const std::string& folder, const std::vector<std::string>& names);

}  // namespace rectify::data
