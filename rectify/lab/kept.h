#pragma once

#include <filesystem>
#include <functional>

#include "rectify/base/json.h"
#include "rectify/data/dataset.h"
#include "rectify/lab/search.h"

namespace rectify::lab {

/// Guards a folder of finished results, from which a later process resumes. The first call in a
/// folder writes setting.json: data, instruction set and version of oneDNN. Later calls throw Error
/// if one of them is different now.
void keep_setting(const std::filesystem::path& folder, const data::Dataset& dataset);

/// Returns the document that `file` keeps. If there is no file, calls `make` and keeps what it
/// returns there. Either way it is the document as it is read: an infinite number is null in it, so
/// that a process that makes it goes on as one that finds it. Throws Error for a damaged file,
/// WriteError if the file cannot be written.
Json kept_document(const std::filesystem::path& file, const std::function<Json()>& make);

/// Returns the outcome that `file` keeps. If there is no file, runs `trial` and keeps its outcome
/// there. Throws Error for a damaged file, WriteError if the file cannot be written.
TrialOutcome kept_trial(const std::filesystem::path& file,
                        const std::function<TrialOutcome()>& trial);

}  // namespace rectify::lab
