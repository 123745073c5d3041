#pragma once

#include <filesystem>
#include <string>

#include "cli/fetch/download.h"
#include "cli/fetch/published.h"

namespace rectify::cli {

/// Brings the files of `set` into `folder`, which is made where it is missing, and unpacks an
/// archive. A file that is there already and has the right sum is not fetched again; one that was
/// fetched in part, NAME.partial, is gone on with. `mirror`, where it is not empty, is a URL to
/// take the files from instead. Throws Error, saying what to do, when something is wrong; what has
/// come is kept.
void fetch(const PublishedSet& set, const std::filesystem::path& folder, const std::string& mirror,
           DownloadOptions options = {}, const ProgressCallback& progress = {},
           const StopCallback& stop = {});

/// The MD5 sum of a file. Throws Error when it cannot be read.
std::string md5_of(const std::filesystem::path& file);

}  // namespace rectify::cli
