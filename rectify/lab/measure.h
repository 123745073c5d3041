#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/base/progress.h"
#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/report/lab.h"

namespace rectify::lab {

/// One option of a measure, which a recipe may set.
struct MeasureOption {
  std::string_view name;
  Json initial;  ///< its kind is the kind that a recipe must give
  std::string_view meaning;
};

/// What one cell of an experiment is measured with. All of it decides the result, but for the
/// threads and the callbacks.
struct MeasureInput {
  const Json& options;  ///< every option of the measure
  std::uint64_t seed;
  const data::Dataset* dataset;  ///< of the recipe's data; null where it has none
  std::filesystem::path place;   ///< the folder of a recipe's files; empty where it has none
  const Json& prepared;          ///< what Measure::prepare returned; null without
  std::filesystem::path folder;  ///< for files that make going on cheap; exists
  ThreadPool& threads;
  ProgressCallback progress;  ///< from 0 to 1 over this call; never empty
  StopCallback stop;          ///< never empty; who is told to stop throws Stopped

  template <class T>
  T get(std::string_view name) const {
    return options.at(name).get<T>();
  }
};

/// What came out: numbers by name, curves, the lines of a calculation.
struct Measured {
  std::vector<std::pair<std::string, double>> figures;
  std::vector<report::LabSeries> series = {};
  std::vector<std::string> lines = {};
};

/// Something that the lab can measure, by options and a seed. One file of measures/ defines one:
///
///     std::span<const Measure> anchors() {
///       static const Measure all[] = {{.name = "anchors", .summary = "...", .measure = measure}};
///       return all;
///     }
///
/// Figures are in the units that people read: an error of 1.43 is 1.43 %. Same options, same seed
/// and same data give the same figures, but for times.
struct Measure {
  std::string_view name;
  std::string_view summary;  ///< a sentence
  /// One more with every change of what it finds: finished cells of another version are measured
  /// again. The program's own version counts too, so this is for changes between releases.
  int version = 1;
  std::vector<MeasureOption> options = {};
  bool needs_data = false;
  bool needs_files = false;  ///< its recipes have data = "files:FOLDER"
  bool exact = false;        ///< nothing random is in it, so that one seed tells all
  /// Throws Error for options that cannot be measured, as far as the options alone tell. Every cell
  /// is checked before the first is measured.
  void (*check)(const Json& options) = nullptr;
  /// Once a cell, before its seeds: a search. What it returns is kept, and its members are shown as
  /// what was chosen.
  Json (*prepare)(const MeasureInput& input) = nullptr;
  Measured (*measure)(const MeasureInput& input);
};

/// The measures of all files in measures/ (the build collects them).
std::span<const Measure* const> measures();

/// The measure with this name. Throws Error, which suggests the nearest.
const Measure& find_measure(const std::string& name);

}  // namespace rectify::lab
