#pragma once

#include <string>
#include <string_view>

#include "rectify/base/json.h"

namespace rectify {

/// Reads a TOML document (https://toml.io) as the object that it stands for: tables become objects
/// whose members are ordered by name, arrays become lists. Dates become texts. `where` names the
/// document in errors. Throws Error, which has the line, for what is no TOML.
///
///     const Json recipe = parse_toml("seeds = 5\n[grid]\ndepth = [2, 3]\n", "my.toml");
///     recipe.at("grid").at("depth").size();  // 2
Json parse_toml(std::string_view text, const std::string& where);

/// `value` as TOML writes it: a number as it is, any other text in quotes.
///
///     toml_value("0.1")           // 0.1
///     toml_value("csv:it's.csv")  // "csv:it's.csv"
std::string toml_value(std::string_view value);

}  // namespace rectify
