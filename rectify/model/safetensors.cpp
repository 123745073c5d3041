#include "rectify/model/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/file.h"

namespace rectify::model {

namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

using Json = nlohmann::json;

struct Entry {
  std::string name;
  Shape shape;
  std::uint64_t begin, end;  ///< in bytes, from the end of the header
};

Entry entry_of(const std::string& file, const std::string& name, const Json& info) {
  const auto wrong = [&](const auto&... what) {
    fail("'", file, "': tensor '", name, "' ", what...);
  };
  if (!info.is_object() || !info.contains("dtype") || !info.contains("shape") ||
      !info.contains("data_offsets"))
    wrong("lacks dtype, shape or data_offsets");
  if (info["dtype"] != "F32") wrong("has type ", info["dtype"].dump(), "; only F32 can be read");
  const Json &shape = info["shape"], &offsets = info["data_offsets"];
  if (!shape.is_array() || shape.size() > 8) wrong("has a shape that is not a short list");
  std::vector<std::int64_t> extents;
  std::uint64_t size = 1;
  for (const Json& extent : shape) {
    if (!extent.is_number_unsigned() || extent.get<std::uint64_t>() > (std::uint64_t{1} << 40))
      wrong("has an extent that is not a size");
    extents.push_back(extent.get<std::int64_t>());
    if (extents.back() != 0 && size > (std::uint64_t{1} << 40) / extent.get<std::uint64_t>())
      wrong("is too large");
    size *= extent.get<std::uint64_t>();
  }
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned())
    wrong("has data_offsets that are not two numbers");
  const Entry entry{name, Shape(extents), offsets[0], offsets[1]};
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

/// Whether brackets outside of strings nest deeper than in any header. This is checked before the
/// recursive parser sees the text.
bool nests_deeply(std::string_view text) {
  constexpr int deepest = 64;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if ((c == '[' || c == '{') && ++depth > deepest) return true;
    if (c == ']' || c == '}') --depth;
  }
  return false;
}

Json parse_header(std::string_view bytes, const std::string& name) {
  constexpr std::uint64_t largest = 100'000'000;
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) fail("'", name, "' is too short for a safetensors file");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > largest || length > bytes.size() - sizeof length)
    fail("'", name, "' is not a safetensors file: its header would be ", length, " bytes long");
  const std::string_view text = bytes.substr(sizeof length, length);
  if (nests_deeply(text)) fail("'", name, "' has a header that nests too deeply");
  std::vector<std::set<std::string>> keys;  // one set for each object that is open
  bool twice = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& key) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key)
      twice = !keys.back().insert(key.get<std::string>()).second || twice;
    return true;
  };
  Json header = Json::parse(text, watch, false);
  if (!header.is_object()) fail("'", name, "' is not a safetensors file: its header is not JSON");
  if (twice) fail("'", name, "' has a header in which a name stands twice");
  return header;
}

/// The bytes of the file before the numbers: length and header.
std::string header_of(const TensorFile& file) {
  Json header = Json::object();
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : file.tensors) {
    const std::uint64_t end = at + tensor.values.size() * sizeof(float);
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.shape.extents()}, {"data_offsets", {at, end}}};
    at = end;
  }
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::string text = header.dump();
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
  for (const auto& [key, info] : header.items()) {
    if (key != "__metadata__") {
      entries.push_back(entry_of(name, key, info));
      continue;
    }
    if (!info.is_object()) fail("'", name, "': its metadata is not a map of texts");
    for (const auto& [word, text] : info.items()) {
      if (!text.is_string()) fail("'", name, "': its metadata '", word, "' is not a text");
      file.metadata[word] = text.get<std::string>();
    }
  }
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

}  // namespace rectify::model
