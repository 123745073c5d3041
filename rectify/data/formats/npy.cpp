#include "rectify/data/formats/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "rectify/base/error.h"
#include "rectify/base/shape.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/npy_header.h"

namespace rectify::data {

namespace {

constexpr std::string_view magic = "\x93NUMPY";

/// A number in IEEE's format of 16 bits.
struct Half {
  std::uint16_t bits;
  explicit operator double() const {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double sign = bits >> 15 ? -1 : 1;
    if (exponent == 31) return fraction ? std::nan("") : sign * HUGE_VAL;
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(1024 + fraction, exponent - 25);
  }
};

template <class Value>
Value load(const char* from, bool swapped) {
  std::array<char, sizeof(Value)> raw;
  std::memcpy(raw.data(), from, sizeof(Value));
  if (swapped) std::reverse(raw.begin(), raw.end());
  return std::bit_cast<Value>(raw);
}

/// The row-major positions of the file's numbers, in the order of the file.
class Positions {
 public:
  explicit Positions(const Array& array) : extents_(array.extents), at_(extents_.size(), 0) {
    steps_.assign(extents_.size(), 1);
    for (std::size_t i = extents_.size(); i-- > 1;) steps_[i - 1] = steps_[i] * extents_[i];
    column_major_ = array.column_major && extents_.size() > 1;
  }

  std::size_t next() {
    const auto here = static_cast<std::size_t>(position_);
    if (!column_major_) {
      ++position_;
      return here;
    }
    for (std::size_t i = 0; i < extents_.size(); ++i) {
      position_ += steps_[i];
      if (++at_[i] < extents_[i]) break;
      position_ -= at_[i] * steps_[i];
      at_[i] = 0;
    }
    return here;
  }

 private:
  const std::vector<std::int64_t>& extents_;
  std::vector<std::int64_t> at_, steps_;
  std::int64_t position_ = 0;
  bool column_major_;
};

template <class Value, class Use>
void each(const Array& array, Use&& use) {
  Positions positions(array);
  const char* from = array.data.data();
  for (std::size_t i = 0, count = array.size(); i < count; ++i, from += sizeof(Value))
    use(positions.next(), load<Value>(from, array.swapped));
}

/// Calls use(position, value) for every number of the file, whatever the type is.
template <class Use>
void each(const Array& array, Use&& use) {
  const auto is = [&](char kind, std::size_t width) {
    return array.kind == kind && array.width == width;
  };
  if (is('b', 1) || is('u', 1)) return each<std::uint8_t>(array, use);
  if (is('u', 2)) return each<std::uint16_t>(array, use);
  if (is('u', 4)) return each<std::uint32_t>(array, use);
  if (is('u', 8)) return each<std::uint64_t>(array, use);
  if (is('i', 1)) return each<std::int8_t>(array, use);
  if (is('i', 2)) return each<std::int16_t>(array, use);
  if (is('i', 4)) return each<std::int32_t>(array, use);
  if (is('i', 8)) return each<std::int64_t>(array, use);
  if (is('f', 2)) return each<Half>(array, use);
  if (is('f', 4)) return each<float>(array, use);
  if (is('f', 8)) return each<double>(array, use);
  fail("'", array.name, "' holds numbers of type ", array.type, ", which are not read");
}

/// The position of a number, for errors: "3,0,7".
std::string place(const Array& array, std::size_t position) {
  std::string text;
  auto rest = static_cast<std::int64_t>(position);
  for (std::size_t i = array.extents.size(); i-- > 0;) {
    text = std::to_string(rest % array.extents[i]) + (text.empty() ? "" : ",") + text;
    rest /= array.extents[i];
  }
  return text;
}

void set_type(Array& array) {
  const std::string& type = array.type;
  const auto digits = type.size() == 3 ? parse_integer(type.substr(2)) : std::nullopt;
  constexpr std::string_view known = "|b1 |u1 |i1 u1 i1 b1 u2 i2 u4 i4 u8 i8 f2 f4 f8 ";
  const bool ordered = digits && std::string_view("<>=|").find(type[0]) != std::string_view::npos &&
                       known.find(type.substr(1) + " ") != std::string_view::npos;
  if (!ordered)
    fail("'", array.name, "' holds values of type '", type,
         "'; bool, whole numbers of 8 to 64 bits and floats of 16 to 64 bits are read");
  array.kind = type[1];
  array.width = static_cast<std::size_t>(*digits);
  constexpr char ours = std::endian::native == std::endian::little ? '<' : '>';
  array.swapped = array.width > 1 && (type[0] == '<' || type[0] == '>') && type[0] != ours;
}

void check_size(const Array& array) {
  const std::string text = Shape(array.extents).text();
  const auto room = static_cast<std::int64_t>(array.data.size() / array.width);
  std::int64_t size = 1;
  for (const std::int64_t extent : array.extents) {
    if (extent == 0) fail("'", array.name, "' is an array of ", text, ", which is empty");
    if (extent > room / size)
      fail("'", array.name, "' is cut off: its header declares ", text, " numbers of ", array.width,
           " bytes, the file has room for ", room, "; save it again");
    size *= extent;
  }
  if (static_cast<std::size_t>(size) * array.width != array.data.size())
    fail("'", array.name, "' goes on after the ", text, " numbers of ", array.width,
         " bytes that its header declares; save it again");
}

}  // namespace

Array parse_npy(std::string_view content, const std::string& name) {
  if (content.empty()) fail("'", name, "' is empty; save the array again");
  if (!content.starts_with(magic) || content.size() < 10)
    fail("'", name, "' is not a .npy file: it must begin with \\x93NUMPY and a version");
  const int version = static_cast<unsigned char>(content[6]);
  if (version < 1 || version > 3)
    fail("'", name, "' is a .npy file of version ", version, "; versions 1 to 3 are read");
  const std::size_t field = version == 1 ? 2 : 4;
  std::size_t length = 0;
  for (std::size_t i = std::min(field, content.size() - 8); i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(content[8 + i]);
  if (content.size() < 8 + field || length > content.size() - 8 - field)
    fail("'", name, "' is cut off in its header; save the array again");
  NpyHeader header = parse_npy_header(content.substr(8 + field, length), name);
  Array array;
  array.name = name;
  array.type = std::move(header.type);
  array.extents = std::move(header.extents);
  array.column_major = header.column_major;
  array.data = content.substr(8 + field + length);
  set_type(array);
  check_size(array);
  return array;
}

std::vector<float> floats_of(const Array& array) {
  std::vector<float> values(array.size());
  each(array, [&](std::size_t at, auto stored) {
    const auto value = static_cast<float>(static_cast<double>(stored));
    if (!std::isfinite(value))
      fail("'", array.name, "' has ",
           std::isfinite(static_cast<double>(stored)) ? "a number too large for a float"
                                                      : "a value that is not finite",
           " at [", place(array, at), "]; replace it, or leave the sample out");
    values[at] = value;
  });
  return values;
}

std::vector<std::uint8_t> bytes_of(const Array& array) {
  std::vector<std::uint8_t> values(array.size());
  const bool truth = array.kind == 'b';
  each<std::uint8_t>(
      array, [&](std::size_t at, std::uint8_t value) { values[at] = truth ? value != 0 : value; });
  return values;
}

bool all_whole(const Array& array) {
  if (array.kind != 'f') return true;
  bool whole = true;
  each(array, [&](std::size_t, auto stored) {
    const auto value = static_cast<double>(stored);
    whole = whole && std::isfinite(value) && value == std::trunc(value);
  });
  return whole;
}

std::vector<std::int64_t> integers_of(const Array& array) {
  std::vector<std::int64_t> values(array.size());
  each(array, [&](std::size_t at, auto stored) {
    using Stored = decltype(stored);
    bool fits = true;
    if constexpr (std::is_same_v<Stored, std::uint64_t>)
      fits = stored <= static_cast<std::uint64_t>(INT64_MAX);
    else if constexpr (!std::is_integral_v<Stored>)
      fits = std::abs(static_cast<double>(stored)) < 0x1p63;
    if (!fits)
      fail("'", array.name, "' has a label too large for 64 bits at [", place(array, at), "]");
    if constexpr (std::is_integral_v<Stored>)
      values[at] = static_cast<std::int64_t>(stored);
    else
      values[at] = static_cast<std::int64_t>(static_cast<double>(stored));
  });
  return values;
}

std::string encode_npy(std::span<const float> numbers, const Shape& shape) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::int64_t extent : shape.extents()) header += concat(extent, ", ");
  header += "), }";
  constexpr std::size_t before = 10, aligned = 64;
  header.append((2 * aligned - (before + header.size() + 1) % aligned) % aligned, ' ');
  header += '\n';
  std::string content(magic);
  content += {1, 0, static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  content += header;
  content.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
  return content;
}

}  // namespace rectify::data
