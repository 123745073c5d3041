#include "rectify/model/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/model/metadata.h"

namespace rectify::model {

namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::uint64_t largest_header = 100'000'000;  // bytes

struct Entry {
  std::string name;
  Shape shape;
  std::uint64_t begin, end;  ///< in bytes, from the end of the header
};

/// The whole number that `item` is, or else `otherwise`.
std::uint64_t size_or(std::uint64_t otherwise, const Json& item) {
  try {
    return item.get<std::uint64_t>();
  } catch (const JsonError&) {
    return otherwise;
  }
}

Entry entry_of(const std::string& file, const std::string& name, const Json& info) {
  const auto wrong = [&](const auto&... what) {
    fail("'", file, "': tensor '", name, "' ", what...);
  };
  if (!info.contains("dtype") || !info.contains("shape") || !info.contains("data_offsets"))
    wrong("lacks dtype, shape or data_offsets");
  if (info["dtype"] != "F32") wrong("has type ", info["dtype"].dump(), "; only F32 can be read");
  const Json &shape = info["shape"], &offsets = info["data_offsets"];
  if (!shape.is_array() || shape.size() > 8) wrong("has a shape that is not a short list");
  constexpr std::uint64_t largest = std::uint64_t{1} << 40;
  std::vector<std::int64_t> extents;
  std::uint64_t size = 1;
  for (const Json& item : shape) {
    const std::uint64_t extent = size_or(largest + 1, item);
    if (extent > largest) wrong("has an extent that is not a size");
    extents.push_back(static_cast<std::int64_t>(extent));
    if (extent != 0 && size > largest / extent) wrong("is too large");
    size *= extent;
  }
  constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
  if (!offsets.is_array() || offsets.size() != 2)
    wrong("has data_offsets that are not two numbers");
  const Entry entry{name, Shape(extents), size_or(none, offsets[0]), size_or(none, offsets[1])};
  if (entry.begin == none || entry.end == none) wrong("has data_offsets that are not two numbers");
  if (entry.begin > entry.end || entry.end - entry.begin != size * sizeof(float))
    wrong("has data_offsets that do not fit its shape ", entry.shape.text());
  return entry;
}

/// Tensors must tile the data: no overlap, no gap, nothing behind the end.
void check_cover(const std::string& file, std::vector<Entry> entries, std::uint64_t bytes) {
  std::ranges::sort(entries, {}, &Entry::begin);
  std::uint64_t at = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != at)
      fail("'", file, "': tensor '", entry.name, "' overlaps another or leaves a gap");
    at = entry.end;
  }
  if (at != bytes)
    fail("'", file, "' has ", bytes, " bytes of numbers but its header speaks of ", at,
         "; it is truncated or damaged");
}

Json parse_header(std::string_view bytes, const std::string& name) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) fail("'", name, "' is too short for a safetensors file");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > largest_header || length > bytes.size() - sizeof length)
    fail("'", name, "' is not a safetensors file: its header would be ", length, " bytes long");
  const std::string_view text = bytes.substr(sizeof length, length);
  Json header;
  try {
    header = Json::parse(text);
  } catch (const JsonError& error) {
    fail("'", name, "' is not a safetensors file: its header is ", error.what());
  }
  if (!header.is_object())
    fail("'", name, "' is not a safetensors file: its header is not JSON of names");
  return header;
}

std::map<std::string, std::string> metadata_of(const Json& header, const std::string& name) {
  std::map<std::string, std::string> metadata;
  if (!header.contains("__metadata__")) return metadata;
  const Json& info = header["__metadata__"];
  if (!info.is_object()) fail("'", name, "': its metadata is not a map of texts");
  for (const auto& [word, text] : info.members()) {
    if (!text.is_text()) fail("'", name, "': its metadata '", word, "' is not a text");
    metadata[word] = text.get<std::string>();
  }
  return metadata;
}

/// The bytes of the file before the numbers: length and header. Throws Error for a tensor whose
/// numbers do not fit its shape: such a file could not be read back.
std::string header_of(const TensorFile& file) {
  Json::Object header;
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : file.tensors) {
    if (tensor.values.size() != static_cast<std::size_t>(tensor.shape.size()))
      fail("tensor '", name, "' of the shape ", tensor.shape.text(), " wants ", tensor.shape.size(),
           " numbers, but has ", tensor.values.size());
    const std::uint64_t end = at + tensor.values.size() * sizeof(float);
    header.emplace_back(
        name,
        Json{{"data_offsets", {at, end}}, {"dtype", "F32"}, {"shape", tensor.shape.extents()}});
    at = end;
  }
  if (!file.metadata.empty()) header.emplace_back("__metadata__", file.metadata);
  std::ranges::sort(header, {}, &Json::Object::value_type::first);
  std::string text = Json::object(std::move(header)).dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text;
}

/// The header and each tensor's numbers.
std::vector<std::string_view> parts_of(const std::string& header, const TensorFile& file) {
  std::vector<std::string_view> parts = {header};
  for (const auto& [name, tensor] : file.tensors)
    parts.emplace_back(reinterpret_cast<const char*>(tensor.values.data()),
                       tensor.values.size() * sizeof(float));
  return parts;
}

}  // namespace

std::string encode(const TensorFile& file) {
  const std::string header = header_of(file);
  std::string bytes;
  for (const std::string_view part : parts_of(header, file)) bytes += part;
  return bytes;
}

void save(const std::filesystem::path& path, const TensorFile& file) {
  const std::string header = header_of(file);
  write_file(path, parts_of(header, file));
}

TensorFile decode(std::string_view bytes, const std::string& name) {
  const Json header = parse_header(bytes, name);
  TensorFile file;
  std::vector<Entry> entries;
  file.metadata = metadata_of(header, name);
  for (const auto& [key, info] : header.members())
    if (key != "__metadata__") entries.push_back(entry_of(name, key, info));
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  const std::string_view data = bytes.substr(sizeof length + length);
  check_cover(name, entries, data.size());
  for (const Entry& entry : entries) {
    Tensor tensor{entry.shape, std::vector<float>((entry.end - entry.begin) / sizeof(float))};
    if (!tensor.values.empty())
      std::memcpy(tensor.values.data(), data.data() + entry.begin, entry.end - entry.begin);
    file.tensors.emplace(entry.name, std::move(tensor));
  }
  return file;
}

TensorFile load(const std::filesystem::path& path) {
  return decode(read_file(path), path.string());
}

std::map<std::string, std::string> load_metadata(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (!file || error) fail("cannot open '", path.string(), "'");
  std::uint64_t length = 0;
  file.read(reinterpret_cast<char*>(&length), sizeof length);
  // Of a file that is too short, all that it has.
  const std::uint64_t header = sizeof length + std::min(length, largest_header);
  std::string bytes(std::min(size, header), '\0');
  file.clear();
  file.seekg(0);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return metadata_of(parse_header(bytes, path.string()), path.string());
}

}  // namespace rectify::model
