#include "rectify/onnx/constant.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/onnx/onnx.h"

namespace rectify::onnx {

namespace {

namespace fs = std::filesystem;
using Proto = pb::TensorProto;

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 31u, fraction = half & 1023u;
  if (exponent == 0) {
    const float small = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -small : small;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

float bfloat16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// The elements of `bytes`, which are of type T, each converted by `convert`.
template <class T, class Out, class Convert>
std::vector<Out> elements(std::string_view bytes, std::int64_t size, const std::string& where,
                          Convert convert) {
  const auto count = static_cast<std::size_t>(size);
  if (bytes.size() % sizeof(T) != 0 || bytes.size() / sizeof(T) != count)
    fail(where, " has ", bytes.size(), " bytes but its shape wants ", count, " elements of ",
         sizeof(T));
  std::vector<Out> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = convert(value);
  }
  return values;
}

/// The numbers of one of a tensor's typed lists.
template <class Out, class Field, class Convert>
std::vector<Out> listed(const Field& field, std::int64_t size, const std::string& where,
                        Convert convert) {
  if (field.size() != size)
    fail(where, " has ", field.size(), " numbers but its shape wants ", size);
  std::vector<Out> values;
  values.reserve(static_cast<std::size_t>(size));
  for (const auto value : field) values.push_back(convert(value));
  return values;
}

std::uint64_t byte_count(const std::string& text, const std::string& where) {
  const auto value = parse_integer(text);
  if (!value || *value < 0) fail(where, " has external data at '", text, "', which is no number");
  return static_cast<std::uint64_t>(*value);
}

/// The path of external data. It must lie below `folder`, also after links are followed.
fs::path external_path(const std::string& location, const std::string& where,
                       const fs::path& folder) {
  if (folder.empty()) fail(where, " has its numbers in another file, '", location, "'");
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path file = fs::canonical(folder / fs::path(location), error);
  if (error)
    fail(where, " has its numbers in the file '", location, "', which is not beside the model");
  const fs::path inside = file.lexically_relative(root);
  if (fs::path(location).is_absolute() || inside.empty() || *inside.begin() == "..")
    fail(where, " has its numbers in '", location, "', which is outside of the model's folder");
  if (!fs::is_regular_file(file)) fail(where, ": '", location, "' is no file");
  return file;
}

std::string external_bytes(const Proto& tensor, std::uint64_t wanted, const std::string& where,
                           const fs::path& folder) {
  std::string location;
  std::uint64_t offset = 0, length = wanted;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = byte_count(entry.value(), where);
    if (entry.key() == "length") length = byte_count(entry.value(), where);
  }
  const fs::path file = external_path(location, where, folder);
  const std::uint64_t available = fs::file_size(file);
  if (length != wanted || offset > available || wanted > available - offset)
    fail(where, " wants ", wanted, " bytes at ", offset, " of '", location, "', which has ",
         available);
  std::string bytes(wanted, '\0');
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(offset));
  if (!in.read(bytes.data(), static_cast<std::streamsize>(wanted)))
    fail("cannot read '", location, "'");
  return bytes;
}

std::size_t element_bytes(int type) {
  switch (type) {
    case Proto::DOUBLE:
    case Proto::INT64:
      return 8;
    case Proto::FLOAT:
    case Proto::INT32:
      return 4;
    case Proto::FLOAT16:
    case Proto::BFLOAT16:
    case Proto::INT16:
    case Proto::UINT16:
      return 2;
    case Proto::BOOL:
    case Proto::INT8:
    case Proto::UINT8:
      return 1;
    default:
      return 0;
  }
}

void read_bytes(Constant& c, int type, std::string_view bytes, const std::string& where) {
  const std::int64_t n = c.size();
  const auto same = [](auto v) { return static_cast<float>(v); };
  const auto whole = [](auto v) { return static_cast<std::int64_t>(v); };
  switch (type) {
    case Proto::FLOAT:
      c.floats = elements<float, float>(bytes, n, where, same);
      break;
    case Proto::DOUBLE:
      c.floats = elements<double, float>(bytes, n, where, same);
      break;
    case Proto::FLOAT16:
      c.floats = elements<std::uint16_t, float>(bytes, n, where, half_to_float);
      break;
    case Proto::BFLOAT16:
      c.floats = elements<std::uint16_t, float>(bytes, n, where, bfloat16_to_float);
      break;
    case Proto::INT64:
      c.integers = elements<std::int64_t, std::int64_t>(bytes, n, where, whole);
      break;
    case Proto::INT32:
      c.integers = elements<std::int32_t, std::int64_t>(bytes, n, where, whole);
      break;
    case Proto::INT16:
      c.integers = elements<std::int16_t, std::int64_t>(bytes, n, where, whole);
      break;
    case Proto::UINT16:
      c.integers = elements<std::uint16_t, std::int64_t>(bytes, n, where, whole);
      break;
    case Proto::INT8:
      c.integers = elements<std::int8_t, std::int64_t>(bytes, n, where, whole);
      break;
    default:
      c.integers = elements<std::uint8_t, std::int64_t>(bytes, n, where, whole);
  }
}

void read_lists(Constant& c, const Proto& tensor, const std::string& where) {
  const std::int64_t n = c.size();
  const auto whole = [](auto v) { return static_cast<std::int64_t>(v); };
  const auto bits = [](auto convert) {
    return [convert](auto v) { return convert(static_cast<std::uint16_t>(v)); };
  };
  switch (tensor.data_type()) {
    case Proto::FLOAT:
      c.floats = listed<float>(tensor.float_data(), n, where, [](float v) { return v; });
      break;
    case Proto::DOUBLE:
      c.floats = listed<float>(tensor.double_data(), n, where,
                               [](double v) { return static_cast<float>(v); });
      break;
    case Proto::FLOAT16:
      c.floats = listed<float>(tensor.int32_data(), n, where, bits(half_to_float));
      break;
    case Proto::BFLOAT16:
      c.floats = listed<float>(tensor.int32_data(), n, where, bits(bfloat16_to_float));
      break;
    case Proto::INT64:
      c.integers = listed<std::int64_t>(tensor.int64_data(), n, where, whole);
      break;
    default:
      c.integers = listed<std::int64_t>(tensor.int32_data(), n, where, whole);
  }
}

}  // namespace

std::int64_t Constant::size() const {
  std::int64_t size = 1;
  for (const std::int64_t extent : extents) size *= extent;
  return size;
}

std::vector<float> Constant::as_floats() const {
  if (!whole) return floats;
  return {integers.begin(), integers.end()};
}

std::int64_t checked_size(const std::vector<std::int64_t>& extents, const std::string& where) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  std::int64_t size = 1;
  if (extents.size() > 64) fail(where, " has ", extents.size(), " axes");
  for (const std::int64_t extent : extents) {
    if (extent < 0 || extent > most) fail(where, " has an axis of ", extent);
    if (size > 0 && extent > most / size) fail(where, " has more than 2^40 elements");
    size *= extent;
  }
  return size;
}

Constant constant_of(const Proto& tensor, const std::string& where, const fs::path& folder) {
  Constant c{.extents = {tensor.dims().begin(), tensor.dims().end()}};
  const std::int64_t size = checked_size(c.extents, where);
  const int type = tensor.data_type();
  const std::size_t bytes = element_bytes(type);
  if (bytes == 0)
    throw Unmapped(
        concat(where, " has elements of a type that is not read here (",
               pb::TensorProto_DataType_IsValid(type)
                   ? pb::TensorProto_DataType_Name(static_cast<pb::TensorProto_DataType>(type))
                   : std::to_string(type),
               ")"));
  c.whole = type != Proto::FLOAT && type != Proto::DOUBLE && type != Proto::FLOAT16 &&
            type != Proto::BFLOAT16;
  if (tensor.data_location() == Proto::EXTERNAL)
    read_bytes(c, type,
               external_bytes(tensor, static_cast<std::uint64_t>(size) * bytes, where, folder),
               where);
  else if (tensor.has_raw_data())
    read_bytes(c, type, tensor.raw_data(), where);
  else
    read_lists(c, tensor, where);
  return c;
}

}  // namespace rectify::onnx
