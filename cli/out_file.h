#pragma once

#include <filesystem>

namespace rectify::cli {

/// Throws Error where no file can be written at `file`: it is a directory, or the folder that it
/// would be in is not there or may not be written to. For a command to say so before it works.
void check_can_write(const std::filesystem::path& file);

/// Makes a folder for results, with those above it. Throws Error where that fails, and where files
/// cannot be written into it.
void make_folder(const std::filesystem::path& folder);

}  // namespace rectify::cli
