#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rectify/report/comparison.h"

/// The parts of the page that are plain HTML and read without script. All text from the comparison
/// comes out escaped. `order` is that of ranking().
namespace rectify::report {

/// The tiles under the headline: the activations with the lowest error, the fastest training, the
/// first to match the others, the most dead units.
std::string answers_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// The table of results, one line for each activation, and the meaning of its columns.
std::string results_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// A confusion matrix for each activation, as a table coloured by share; all but the first are
/// folded.
std::string confusion_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// The command, and tables of configuration, data, machine and networks.
std::string command_html(const Comparison& comparison);
std::string setup_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// The data of the charts as JSON, activations in the order of `order`. Every `<` is escaped, so
/// that no string can end the script element around it.
std::string chart_data(const Comparison& comparison, const std::vector<std::size_t>& order);

}  // namespace rectify::report
