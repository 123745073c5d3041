#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/diagnose/facts.h"
#include "rectify/diagnose/finding.h"

namespace rectify::report {

/// A diagnosis for people: what was found, with its evidence and what to change, in lines of at
/// most `width` columns.
std::string diagnosis_text(const diagnose::Facts& facts,
                           std::span<const diagnose::Finding> findings, std::size_t width);

/// The same as one JSON object, with the figures of all layers (docs/contracts.md).
Json diagnosis_json(const diagnose::Facts& facts, std::span<const diagnose::Finding> findings);

/// The rules as a table for docs/diagnosis.md, in Markdown.
std::string rules_page();

}  // namespace rectify::report
