#include "rectify/lab/kept.h"

#include <limits>

#include "rectify/base/file.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/json.h"
#include "rectify/run/backend.h"

namespace rectify::lab {

namespace {

/// What the file holds; null when that is not JSON.
Json parsed_or_null(const std::filesystem::path& file) {
  try {
    return Json::parse(read_file(file));
  } catch (const JsonError&) {
    return nullptr;
  }
}

}  // namespace

void keep_setting(const std::filesystem::path& folder, const data::Dataset& dataset) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw WriteError(concat("cannot make the folder '", folder.string(), "': ", error.message()));
  const auto file = folder / "setting.json";
  const Json now = {{"data_fingerprint", std::to_string(data::fingerprint(dataset))},
                    {"instruction_set", instruction_set()},
                    {"onednn", run::onednn_version()}};
  if (!std::filesystem::exists(file)) return write_file(file, now.dump());
  const Json before = parsed_or_null(file);
  if (!before.contains("data_fingerprint") || before["data_fingerprint"] != now["data_fingerprint"])
    fail("the data '", dataset.spec, "' changed since this work began; start anew");
  if (before != now)
    fail("this work began on another instruction set or oneDNN version (", before.dump(),
         "); its figures would not be comparable, start anew");
}

Json kept_document(const std::filesystem::path& file, const std::function<Json()>& make) {
  if (std::filesystem::exists(file)) {
    const Json kept = parsed_or_null(file);
    if (kept.is_object()) return kept;
    fail("'", file.string(), "' cannot be read; delete it to repeat that piece of work");
  }
  const std::string text = make().dump();
  write_file(file, text);
  return Json::parse(text);
}

TrialOutcome kept_trial(const std::filesystem::path& file,
                        const std::function<TrialOutcome()>& trial) {
  const Json json = kept_document(file, [&]() -> Json {
    const TrialOutcome outcome = trial();
    return {{"error", outcome.error}, {"loss", outcome.loss}};
  });
  if (!json.contains("error") || !json.contains("loss"))
    fail("'", file.string(), "' cannot be read; delete it to repeat that trial");
  const auto number = [](const Json& v) {  // an infinite number is null in JSON
    return v.is_number() ? v.get<double>() : std::numeric_limits<double>::infinity();
  };
  return {number(json.at("error")), number(json.at("loss"))};
}

}  // namespace rectify::lab
