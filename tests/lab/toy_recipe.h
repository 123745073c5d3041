#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "rectify/base/json.h"
#include "rectify/report/lab.h"

namespace rectify::lab {

/// Two networks on a few points: two cells, which take moments.
inline constexpr const char* toy = R"(
title = "T"
claim = "C"
by = "E"
measure = "train"
data = "moons:train=200,test=100"
[options]
model = "2 : dense {width} | relu | dense 2"
units = true
train = {epochs = 2, batch = 32}
[grid]
width = [2, 4]
[full]
seeds = 2
[[claims]]
text = "narrow less wide"
measured = "test_error[2] - test_error[4]"
unit = "points"
article = {by = "E", above = 0}
)";

inline std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

/// The document without what the clock and the command say.
inline Json figures_without_seconds(const report::LabResult& result) {
  Json json = Json::parse(report::to_json(result));
  Json cells = Json::array();
  for (const Json& cell : json.at("cells"))
    for (const Json& run : cell.at("runs")) {
      Json figures = Json::object();
      for (const auto& [name, value] : run.at("figures").members())
        if (name.find("seconds") == std::string::npos) figures[name] = value;
      cells.push_back(figures);
    }
  return {{"claims", json.at("claims")}, {"cells", cells}};
}

inline double figure_of(const report::LabRun& run, const std::string& name) {
  const auto found = std::ranges::find(run.figures, name, [](const auto& f) { return f.first; });
  EXPECT_NE(found, run.figures.end()) << name;
  return found == run.figures.end() ? 0 : found->second;
}

}  // namespace rectify::lab
