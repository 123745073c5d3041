#include "rectify/lab/claim_data.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "rectify/base/file.h"
#include "rectify/lab/experiment.h"

namespace rectify::lab {

namespace {

constexpr std::string_view data_slot = "{data}";

/// The SPEC with the folder of data sets in place of each {data}.
std::string with_folder(std::string spec, const std::filesystem::path& data_dir) {
  const std::string folder = data_dir.string();
  for (std::size_t at = spec.find(data_slot); at != std::string::npos;
       at = spec.find(data_slot, at + folder.size()))
    spec.replace(at, data_slot.size(), folder);
  return spec;
}

/// The folder of "files:FOLDER".
std::string folder_of_files(const std::string& spec) { return spec.substr(spec.find(':') + 1); }

/// The first file or folder of a complete SPEC that is not there. Nothing where all are, and where
/// that cannot be told: opening them says why.
std::optional<std::filesystem::path> missing_place(const std::string& spec) {
  const std::vector<std::string> paths =
      are_files(spec) ? std::vector{folder_of_files(spec)} : data::paths_of(spec);
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (std::filesystem::status(path, ignored).type() == std::filesystem::file_type::not_found)
      return path;
  }
  return std::nullopt;
}

/// What to do where a place of the recipe's data is missing.
std::string how_to_get(const Recipe& recipe, const std::filesystem::path& place) {
  const bool is_in_folder = recipe.data.find(data_slot) != std::string::npos;
  const std::string name_it = is_in_folder ? "name the folder of data sets by --data-dir" : "";
  if (!recipe.get.empty()) return name_it + (is_in_folder ? ", " : "") + recipe.get;
  if (!is_in_folder) return "write into the recipe where they are";
  // `rectify data fetch` has sets of these two kinds.
  if (!recipe.data.starts_with("mnist:") && !recipe.data.starts_with("cifar10:")) return name_it;
  return concat(name_it, ", or get them: rectify data fetch ", place.filename().string(), " --out ",
                place.string());
}

/// A hash of the names and contents of a folder's files.
std::uint64_t fingerprint_of_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  std::uint64_t hash = fnv1a("");
  for (const std::filesystem::path& file : files)
    hash = fnv1a(read_file(file), fnv1a(file.filename().string(), hash));
  return hash;
}

ClaimData opened(const std::string& spec, const std::filesystem::path& data_dir,
                 ThreadPool& threads) {
  ClaimData data{.spec = spec};
  const std::string full = with_folder(spec, data_dir);
  if (are_files(spec)) {
    data.place = folder_of_files(full);
    if (!std::filesystem::is_directory(data.place))
      fail("data '", full, "': '", data.place.string(), "' is not a folder");
    data.fingerprint = std::to_string(fingerprint_of_files(data.place));
    return data;
  }
  data.dataset = data::open(full, threads);
  data.fingerprint = std::to_string(data::fingerprint(*data.dataset));
  return data;
}

}  // namespace

bool are_files(const std::string& spec) { return spec.starts_with("files:"); }

ClaimData claim_data(const Recipe& recipe, const std::filesystem::path& data_dir,
                     ThreadPool& threads) {
  if (recipe.data.empty()) return {};
  const auto missing = missing_place(with_folder(recipe.data, data_dir));
  if (!missing) {
    ClaimData data = opened(recipe.data, data_dir, threads);
    data.is_stand_in = !recipe.other_data.empty();
    data.why = recipe.other_data;
    return data;
  }
  if (recipe.stand_in.empty())
    throw NoData(concat("the claim '", recipe.id, "' needs data that are not there: '",
                        missing->string(), "'; ", how_to_get(recipe, *missing)));
  ClaimData data = opened(recipe.stand_in, data_dir, threads);
  data.is_stand_in = true;
  data.why = concat("'", missing->string(), "' is not there, so ", recipe.stand_in,
                    " stands in for the claim's own data; absolute figures tell nothing then");
  return data;
}

}  // namespace rectify::lab
