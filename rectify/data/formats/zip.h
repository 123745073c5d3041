#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// A file in a zip archive, as listed in the directory at the archive's end.
struct ZipEntry {
  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflated
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;    ///< size in the archive, in bytes
  std::uint64_t unpacked = 0;  ///< size of the file, in bytes
  std::uint64_t header = 0;    ///< position of its local header
};

/// Reads the directory of a zip archive from the archive's bytes (PKWARE's APPNOTE 6.3, with
/// zip64). An .npz file is a zip archive. Throws Error, which names `name`, when there is no
/// directory or it is damaged.
std::vector<ZipEntry> zip_entries(std::string_view content, const std::string& name);

/// The bytes of a file of the archive. Throws Error when the file is damaged (its checksum is
/// compared), encrypted, or packed by another method. Never takes more memory than the packed size
/// can justify.
std::string unzip(std::string_view content, const ZipEntry& entry, const std::string& name);

}  // namespace rectify::data
