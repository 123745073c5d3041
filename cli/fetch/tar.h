#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rectify::cli {

/// Writes the files called `members` of a tar archive packed with gzip into `folder`, whatever
/// folder they are in inside the archive; all else in it is passed over. Throws Error, naming what
/// is wrong, when the archive is damaged or lacks a member, WriteError when one cannot be written.
void unpack_members(const std::filesystem::path& archive, const std::vector<std::string>& members,
                    const std::filesystem::path& folder);

}  // namespace rectify::cli
