#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "rectify/data/dataset.h"
#include "rectify/lab/recipe.h"

namespace rectify::lab {

/// The data that a recipe is run on.
struct ClaimData {
  std::string spec;  ///< empty: none; with the folder of data sets as it was written, {data}
  std::optional<data::Dataset> dataset;
  std::filesystem::path place;  ///< of files: their folder
  std::string fingerprint;
  bool is_stand_in = false;
  std::string why;  ///< it is a stand-in: a sentence; else empty
};

/// Whether a recipe's data are "files:FOLDER": other files than samples.
bool are_files(const std::string& spec);

/// Opens the recipe's data, or what stands in for them where a file or folder of theirs is not
/// there. Throws NoData, which says how to get them, where nothing does.
ClaimData claim_data(const Recipe& recipe, const std::filesystem::path& data_dir,
                     ThreadPool& threads);

}  // namespace rectify::lab
