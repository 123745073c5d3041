// The instances of a benchmark of the verification competitions, such as ACAS Xu: a folder of ONNX
// networks and VNN-LIB properties, with a list NETWORK,PROPERTY,SECONDS. How many are decided.

#include <algorithm>
#include <array>

#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/lab/measure.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/file.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/verify.h"
#include "rectify/verify/vnnlib.h"

namespace rectify::lab::ops {

namespace {

struct Instance {
  std::string network, property;
};

/// Every so many of the folder's list, the first one included.
std::vector<Instance> instances_in(const std::filesystem::path& folder, std::size_t every) {
  std::vector<std::filesystem::path> lists;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().ends_with("instances.csv")) lists.push_back(entry.path());
  if (lists.size() != 1)
    fail("'", folder.string(), "' has ", lists.size(),
         " files *instances.csv; it needs one, with lines NETWORK,PROPERTY,SECONDS");
  std::vector<Instance> all;
  std::size_t number = 0;
  for (const std::string& line : split(read_file(lists[0]), '\n')) {
    const std::vector<std::string> parts = split(line, ',');
    if (trim(line).empty()) continue;
    if (parts.size() < 2)
      fail("'", lists[0].string(), "': a line is NETWORK,PROPERTY,SECONDS, not '", line, "'");
    if (number++ % every == 0)
      all.push_back({std::string(trim(parts[0])), std::string(trim(parts[1]))});
  }
  if (all.empty()) fail("'", lists[0].string(), "' names no instance");
  return all;
}

verify::Verdict verdict_of(const Instance& instance, const MeasureInput& input) {
  const verify::VnnLib file = verify::read_vnnlib(input.place / instance.property);
  const model::Predictor predictor(model::load_model(input.place / instance.network, {}));
  verify::check_fits(file, predictor.inputs(), predictor.outputs());
  return verify::verify(predictor, file.property,
                        {.seconds = input.get<double>("seconds_each"),
                         .threads = input.threads.threads(),
                         .stop = input.stop});
}

Measured measure_files(const MeasureInput& input) {
  const std::vector<Instance> instances =
      instances_in(input.place, input.get<std::size_t>("every"));
  std::array<double, 3> answers = {};
  std::vector<double> seconds;
  for (const Instance& instance : instances) {
    const verify::Verdict verdict = verdict_of(instance, input);
    if (input.stop()) throw Stopped("stopped");
    answers[static_cast<std::size_t>(verdict.answer)] += 1;
    seconds.push_back(verdict.seconds);
    input.progress(
        {.text = concat(seconds.size(), " of ", instances.size(), " properties"),
         .done = static_cast<double>(seconds.size()) / static_cast<double>(instances.size())});
  }
  using verify::Answer;
  const auto all = static_cast<double>(instances.size());
  const double unknown = answers[static_cast<std::size_t>(Answer::unknown)];
  std::ranges::sort(seconds);
  return {.figures = {{"instances", all},
                      {"holds", answers[static_cast<std::size_t>(Answer::holds)]},
                      {"violated", answers[static_cast<std::size_t>(Answer::violated)]},
                      {"unknown", unknown},
                      {"decided", 100 * (all - unknown) / all},
                      {"median_seconds", seconds[seconds.size() / 2]},
                      {"longest_seconds", seconds.back()}}};
}

}  // namespace

std::span<const Measure> property_files() {
  static const Measure all[] = {
      {.name = "property_files",
       .summary = "how many properties of given networks a verifier decides",
       .options = {{"every", 1, "each so many of the list is taken, from the first on"},
                   {"seconds_each", 116.0, "for a property, at most"}},
       .needs_files = true,
       .exact = true,
       .measure = measure_files}};
  return all;
}

}  // namespace rectify::lab::ops
