#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rectify/diagnose/facts.h"
#include "rectify/diagnose/finding.h"

namespace rectify::diagnose {

/// One cause or symptom: how it is told, and what follows from it.
struct Rule {
  std::string_view cause;     ///< its name: "rate_too_high"
  std::string_view title;     ///< for people: "The learning rate is too high"
  double threshold;           ///< of what `measured` says; NaN where there is none
  std::string_view measured;  ///< the number that the threshold is for
  std::string_view reason;    ///< why there
  std::string_view source;    ///< a paper, or what was measured
  std::string_view explains;  ///< the causes that follow from it, with blanks between
  std::optional<Finding> (*check)(const Facts& facts, const Rule& rule);
};

/// All rules. A rule stands before those that it explains.
std::span<const Rule> rules();

/// Whether one cause follows from another, directly or by way of others.
bool explains(std::string_view cause, std::string_view other);

/// What is wrong, the likely cause first: findings that nothing found explains, by severity and
/// then by the order of the rules; behind each those that follow from it.
///
///     for (const Finding& finding : diagnose(facts_before(options, dataset, threads)))
///       std::cout << finding.title << ": " << finding.advice << '\n';
std::vector<Finding> diagnose(const Facts& facts);

}  // namespace rectify::diagnose
