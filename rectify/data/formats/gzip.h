#pragma once

#include <string>

namespace rectify::data {

/// Writes `content` to `path`, or packed with gzip to `path` + ".gz". The file of the other name,
/// which an earlier call may have left, is removed: readers prefer a plain file to a packed one.
/// Equal content gives equal files. Throws Error when it cannot.
void write_plain_or_packed(const std::string& path, const std::string& content, bool packed);

}  // namespace rectify::data
