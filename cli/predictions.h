#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/model/answers.h"
#include "rectify/model/model.h"

namespace rectify::cli {

/// What is known of the samples besides the answers; a list that is empty has no column.
struct SampleNotes {
  std::string unit;                 ///< heading of `places`: row, file
  std::vector<std::string> places;  ///< where each sample comes from
  std::string id;                   ///< heading of `ids`
  std::vector<std::string> ids;
  std::vector<std::string> actual;  ///< labels or targets; "" where one is not known
};

/// Answers as people and programs read them. Sample i has the number numbers[i] in its source.
struct Predictions {
  const model::Model& model;
  const model::Answers& answers;
  std::span<const std::uint32_t> numbers;
  SampleNotes notes;
  bool probabilities = false;  ///< of all classes

  /// With a line of headings. Classes: index, predicted, probability; numbers: index, predicted, or
  /// predicted_0, predicted_1, ... What is known besides stands between.
  std::string csv() const;
  Json json() const;
};

}  // namespace rectify::cli
