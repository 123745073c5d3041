#include "rectify/report/event_record.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace rectify::report {
namespace {

static_assert(std::endian::native == std::endian::little, "event files are little-endian");

/// The remainder of each byte by the polynomial, with the lowest bit first.
constexpr std::array<std::uint32_t, 256> remainders = [] {
  constexpr std::uint32_t polynomial = 0x82f63b78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ (rest & 1 ? polynomial : 0);
    table[byte] = rest;
  }
  return table;
}();

/// A sum of data that hold sums themselves is weak, so the format turns and shifts it.
std::uint32_t masked_sum(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8u;
}

template <class Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::string framed_record(const std::string& event) {
  const std::string length = bytes_of(std::uint64_t{event.size()});
  return length + bytes_of(masked_sum(length)) + event + bytes_of(masked_sum(event));
}

/// How the value of a field is written in a protobuf message.
enum Wire { varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5 };

std::string varint_of(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(number | 0x80);
  return bytes + static_cast<char>(number);
}

std::string field_key(int number, Wire wire) {
  return varint_of(static_cast<std::uint64_t>(number << 3 | wire));
}

std::string text_field(int number, const std::string& text) {
  return field_key(number, delimited) + varint_of(text.size()) + text;
}

/// The numbers of the fields, as event.proto and summary.proto of TensorFlow have them.
struct EventField {
  static constexpr int wall_time = 1, step = 2, file_version = 3, summary = 5;
};
struct SummaryField {
  static constexpr int value = 1;
};
struct ValueField {
  static constexpr int tag = 1, simple_value = 2;
};

std::string time_field(double time) {
  return field_key(EventField::wall_time, fixed64) + bytes_of(time);
}

std::string value_message(const Scalar& scalar) {
  return text_field(ValueField::tag, scalar.tag) + field_key(ValueField::simple_value, fixed32) +
         bytes_of(static_cast<float>(scalar.value));
}

/// The step of an event that was written here, where it is the second field.
std::int64_t step_of(std::string_view event) {
  constexpr std::size_t after_time = 1 + sizeof(double);
  const std::string key = field_key(EventField::step, varint);
  if (event.substr(std::min(after_time, event.size()), key.size()) != key) return 0;
  std::uint64_t number = 0;
  int shift = 0;
  for (std::size_t at = after_time + key.size(); at < event.size() && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(event[at++]);
    number |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::vector<Scalar> scalars_of(const TrainingEpoch& epoch) {
  std::vector<Scalar> scalars;
  const auto add = [&](const std::string& name, double number) {
    if (std::isfinite(number)) scalars.push_back({name, number});
  };
  add("loss/training", epoch.train_loss);
  add("loss/validation", epoch.validation_loss);
  add("error/training", epoch.train_error);
  add("error/validation", epoch.validation_error);
  add("error/certified", epoch.certified_error);
  add("learning_rate", epoch.lr);
  add("seconds_per_epoch", epoch.seconds);
  for (const TrainedWeight& weight : epoch.weights) {
    add("gradient_norm/" + weight.label, weight.gradient);
    add("update_ratio/" + weight.label, weight.update);
  }
  for (const TrainedLayer& layer : epoch.layers) {
    add("exact_zeros/" + layer.label, layer.exact_zeros);
    add("dead_units/" + layer.label, layer.dead_units);
    add("saturated/" + layer.label, layer.saturated);
  }
  return scalars;
}

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t rest = ~std::uint32_t{0};
  for (const char byte : bytes)
    rest = rest >> 8 ^ remainders[(rest ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~rest;
}

std::string version_record(double time) {
  return framed_record(time_field(time) + text_field(EventField::file_version, "brain.Event:2"));
}

std::string scalar_record(double time, std::int64_t at, std::span<const Scalar> scalars) {
  std::string values;
  for (const Scalar& scalar : scalars)
    values += text_field(SummaryField::value, value_message(scalar));
  return framed_record(time_field(time) + field_key(EventField::step, varint) +
                       varint_of(static_cast<std::uint64_t>(at)) +
                       text_field(EventField::summary, values));
}

std::optional<RecordSize> first_record(std::string_view bytes) {
  constexpr std::size_t length_size = sizeof(std::uint64_t), sum_size = sizeof(std::uint32_t);
  constexpr std::size_t head = length_size + sum_size;
  if (bytes.size() < head + sum_size) return std::nullopt;
  const auto length = number_at<std::uint64_t>(bytes, 0);
  if (number_at<std::uint32_t>(bytes, length_size) != masked_sum(bytes.substr(0, length_size)) ||
      length > bytes.size() - head - sum_size)
    return std::nullopt;
  const std::string_view event = bytes.substr(head, length);
  if (number_at<std::uint32_t>(bytes, head + length) != masked_sum(event)) return std::nullopt;
  return RecordSize{.size = head + length + sum_size, .step = step_of(event)};
}

}  // namespace rectify::report
