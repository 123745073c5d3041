#pragma once

#include <optional>
#include <string>

#include "rectify/report/lab.h"

namespace rectify::report {

/// How a claim comes out, as a badge; a dash where nothing is claimed. HTML.
std::string standing_html(const std::optional<Standing>& standing);

}  // namespace rectify::report
