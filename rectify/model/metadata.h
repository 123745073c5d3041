#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace rectify::model {

/// The metadata of a safetensors file, of which nothing but the header is read. Throws Error for a
/// file that is none.
std::map<std::string, std::string> load_metadata(const std::filesystem::path& path);

}  // namespace rectify::model
