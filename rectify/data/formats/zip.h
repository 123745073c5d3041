#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// A file in a zip archive, as the archive's directory at its end lists it.
struct ZipEntry {
  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflated
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;    ///< bytes in the archive
  std::uint64_t unpacked = 0;  ///< bytes of the file
  std::uint64_t header = 0;    ///< where its local header begins
};

/// The directory of the bytes of a zip archive (PKWARE's APPNOTE 6.3, with zip64), which is what an
/// .npz file is. Throws Error, naming `name`, when there is none or it is damaged.
std::vector<ZipEntry> zip_entries(std::string_view content, const std::string& name);

/// The bytes of a file of the archive. Throws Error when it is damaged (its checksum is compared),
/// encrypted, or packed otherwise. Never takes more memory than its packed size can justify.
std::string unzip(std::string_view content, const ZipEntry& entry, const std::string& name);

}  // namespace rectify::data
