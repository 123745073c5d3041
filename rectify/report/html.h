#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rectify/report/comparison.h"

/// The parts of the page that are plain HTML and read without script. All text from the comparison
/// comes out escaped. `order` is that of ranking().
namespace rectify::report {

/// The tiles under the headline: who errs least, trains fastest, learns first, falls silent.
std::string answers_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// The table of results, a row an activation, and what its columns mean.
std::string results_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// A confusion matrix an activation, as tables coloured by share, folded but for the first.
std::string confusion_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// The command, and tables of configuration, data, machine and networks.
std::string command_html(const Comparison& comparison);
std::string setup_html(const Comparison& comparison, const std::vector<std::size_t>& order);

/// What the charts draw, as JSON by column in the order of `order`, with every `<` escaped so that
/// no string can end the script element that holds it.
std::string chart_data(const Comparison& comparison, const std::vector<std::size_t>& order);

}  // namespace rectify::report
