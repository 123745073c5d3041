#pragma once

#include <string>
#include <vector>

namespace rectify::cli {

/// `text` and the spaces that make it a column of that width, before it when `right`; one at least.
std::string padded(const std::string& text, std::size_t width, bool right);

/// A field of a line of comma-separated values, in quotes where it must be.
std::string csv_field(const std::string& text);

/// 2,000,000 as "2.00 M".
std::string scaled(double value);

/// `text` in lines of `columns` at most, each after `indent` and broken between words.
std::string wrapped(const std::string& text, const std::string& indent, std::size_t columns = 80);
/// The same of words that may have spaces in them, at which no line is broken.
std::string wrapped(const std::vector<std::string>& words, const std::string& indent,
                    std::size_t columns = 80);

}  // namespace rectify::cli
