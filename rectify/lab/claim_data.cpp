#include "rectify/lab/claim_data.h"

#include <algorithm>
#include <vector>

#include "rectify/base/file.h"
#include "rectify/lab/experiment.h"

namespace rectify::lab {

namespace {

/// The SPEC with the folder of data sets in it.
std::string with_folder(std::string spec, const std::filesystem::path& data_dir) {
  const std::string slot = "{data}";
  const std::size_t at = spec.find(slot);
  if (at != std::string::npos) spec.replace(at, slot.size(), data_dir.string());
  return spec;
}

/// The folder or file of a SPEC that has {data} in it; empty for data that are generated.
std::filesystem::path place_of(const std::string& spec, const std::filesystem::path& data_dir) {
  if (spec.find("{data}") == std::string::npos) return {};
  const std::string full = with_folder(spec, data_dir);
  const std::size_t colon = full.find(':');
  return full.substr(colon + 1, full.find(',', colon) - colon - 1);
}

std::string how_to_get(const Recipe& recipe, const std::filesystem::path& place) {
  if (!recipe.get.empty()) return recipe.get;
  return concat("or get them: rectify data fetch ", place.filename().string(), " --out ",
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
  if (are_files(spec)) {
    data.place = place_of(spec, data_dir);
    data.fingerprint = std::to_string(fingerprint_of_files(data.place));
    return data;
  }
  data.dataset = data::open(with_folder(spec, data_dir), threads);
  data.fingerprint = std::to_string(data::fingerprint(*data.dataset));
  return data;
}

}  // namespace

bool are_files(const std::string& spec) { return spec.starts_with("files:"); }

ClaimData claim_data(const Recipe& recipe, const std::filesystem::path& data_dir,
                     ThreadPool& threads) {
  if (recipe.data.empty()) return {};
  const std::filesystem::path place = place_of(recipe.data, data_dir);
  if (place.empty() || std::filesystem::exists(place)) {
    ClaimData data = opened(recipe.data, data_dir, threads);
    data.is_stand_in = !recipe.other_data.empty();
    data.why = recipe.other_data;
    return data;
  }
  if (recipe.stand_in.empty())
    throw NoData(concat("the claim '", recipe.id, "' needs data that are not there: '",
                        place.string(), "'; name the folder of data sets by --data-dir, ",
                        how_to_get(recipe, place)));
  ClaimData data = opened(recipe.stand_in, data_dir, threads);
  data.is_stand_in = true;
  data.why = concat("'", place.string(), "' is not there, so ", recipe.stand_in,
                    " stands in for the claim's own data; absolute figures tell nothing then");
  return data;
}

}  // namespace rectify::lab
