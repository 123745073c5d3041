#pragma once

#include <string>

#include "cli/describe.h"

namespace rectify::cli {

/// The page of `command` for man(1), in section 1.
std::string manual_page(const Command& command);

}  // namespace rectify::cli
