#pragma once

#include <string>

#include "cli/describe.h"

namespace rectify::cli {

/// A script that completes what `program` declares, for "bash", "zsh" or "fish". Throws Error for
/// another shell.
std::string completion(const Command& program, const std::string& shell);

}  // namespace rectify::cli
