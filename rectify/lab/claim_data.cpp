#include "rectify/lab/claim_data.h"

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

std::string how_to_get(const std::filesystem::path& place) {
  const std::string name = place.filename().string();
  if (name == "mnist" || name == "cifar10")
    return concat("or get them: rectify data fetch ", name, " --out ", place.string());
  return "and put there what docs/lab.md says";
}

ClaimData opened(const std::string& spec, const std::filesystem::path& data_dir,
                 ThreadPool& threads) {
  ClaimData data{.spec = spec};
  data.dataset = data::open(with_folder(spec, data_dir), threads);
  data.fingerprint = std::to_string(data::fingerprint(*data.dataset));
  return data;
}

}  // namespace

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
                        place.string(),
                        "'; name the folder of data sets by --data-dir, ", how_to_get(place)));
  ClaimData data = opened(recipe.stand_in, data_dir, threads);
  data.is_stand_in = true;
  data.why = concat("'", place.string(), "' is not there, so ", recipe.stand_in,
                    " stands in for the claim's own data; absolute figures tell nothing then");
  return data;
}

}  // namespace rectify::lab
