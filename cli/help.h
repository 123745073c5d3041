#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace rectify::cli {

/// Help whose lines fit 80 columns: a description goes on below its own beginning.
std::shared_ptr<CLI::Formatter> help_formatter();

}  // namespace rectify::cli
