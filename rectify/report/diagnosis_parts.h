#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rectify/base/json.h"
#include "rectify/diagnose/facts.h"
#include "rectify/diagnose/finding.h"

/// The parts of a diagnosis' page. All text from outside comes out escaped; without figures a part
/// is empty.
namespace rectify::report {

/// Escaped, with flags and their values as code: "try --lr 0.01, or --lr auto for a search".
std::string advice_html(const std::string& advice, std::span<const diagnose::Change> changes);

/// A card for each finding, in their order; below it, folded, those that follow from it.
std::string findings_section(std::span<const diagnose::Finding> findings);

/// "Fault", "Warning" or "Note", as a label.
std::string severity_html(diagnose::Severity severity);

/// Bars of a layer's histogram: units that are active on no input, on up to a tenth of the inputs,
/// up to two tenths, ..., on all inputs. A unit is active where its derivative is at least a
/// twentieth of the activation's largest; one of a ReLU, where it fires.
using ActivityCounts = std::array<std::int64_t, 12>;
ActivityCounts activity_counts(const diagnose::LayerFigures& layer);

/// The share of inputs on which the middle unit of a layer is active.
double median_activity(const diagnose::LayerFigures& layer);

/// A line for each activation layer, with its histogram.
std::string layers_section(const diagnose::Facts& facts);

/// The classes with their counts, where a finding is about them.
std::string classes_section(const diagnose::Facts& facts,
                            std::span<const diagnose::Finding> findings);

/// What was measured on what.
std::string looked_at_html(const diagnose::Facts& facts, const std::string& subject);

/// Whether any rate of the test lowers the loss by more than what chance may do, a twentieth.
bool brings_loss_down(const diagnose::RateTest& test);

/// The charts: a frame, a sentence that says how to read it, a table of the same figures.
std::string rates_section(const diagnose::Facts& facts,
                          std::span<const diagnose::Finding> findings);
std::string signal_section(const diagnose::Facts& facts);

/// What the charts show.
Json diagnosis_chart_data(const diagnose::Facts& facts,
                          std::span<const diagnose::Finding> findings);

}  // namespace rectify::report
