#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rectify/report/lab.h"

namespace rectify::report {

/// How a claim comes out, as a badge; a dash where nothing is claimed. HTML.
std::string standing_html(const std::optional<Standing>& standing);

/// A file's name as a part of an address, %20 in place of a blank (RFC 3986, section 2.1).
std::string in_address(std::string_view name);

}  // namespace rectify::report
