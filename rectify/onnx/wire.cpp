#include "rectify/onnx/wire.h"

#include <cstdint>
#include <optional>

#include "rectify/base/error.h"

namespace rectify::onnx {

namespace {

/// A message of two bytes or more takes a few hundred bytes in memory. Up to this number of
/// messages, that is little.
constexpr std::size_t free_messages = std::size_t{1} << 19;

/// The kinds of messages that hold other messages, and the fields that hold them.
enum class Kind { model, graph, node, attribute, info, type, tensor_type, shape, tensor, leaf };

Kind inside(Kind kind, std::uint64_t field) {
  switch (kind) {
    case Kind::model:
      return field == 7 ? Kind::graph : Kind::leaf;
    case Kind::graph:
      if (field == 1) return Kind::node;
      if (field == 5) return Kind::tensor;
      return field >= 11 && field <= 13 ? Kind::info : Kind::leaf;
    case Kind::node:
      return field == 5 ? Kind::attribute : Kind::leaf;
    case Kind::attribute:
      if (field == 5 || field == 10) return Kind::tensor;
      return field == 6 || field == 11 ? Kind::graph : Kind::leaf;
    case Kind::info:
      return field == 2 ? Kind::type : Kind::leaf;
    case Kind::type:
      return field == 1 ? Kind::tensor_type : Kind::leaf;
    case Kind::tensor_type:
      return field == 2 ? Kind::shape : Kind::leaf;
    default:
      return Kind::leaf;
  }
}

class Walk {
 public:
  explicit Walk(std::string_view bytes) : bytes_(bytes) {}

  void message(std::size_t begin, std::size_t end, Kind kind, int depth) {
    if (depth > 64) fail("its messages nest too deeply");
    for (std::size_t at = begin; at < end;) {
      const std::uint64_t tag = varint(at, end);
      skip(at, end, tag, kind, depth);
    }
  }

 private:
  void skip(std::size_t& at, std::size_t end, std::uint64_t tag, Kind kind, int depth) {
    switch (tag & 7) {
      case 0:
        varint(at, end);
        return;
      case 1:
        return advance(at, end, 8);
      case 2: {
        const std::uint64_t length = varint(at, end);
        const std::size_t first = at;
        advance(at, end, length);
        if (++messages_ > free_messages && messages_ > bytes_.size() / 64)
          fail("it has too many parts for its size");
        const Kind within = inside(kind, tag >> 3);
        if (within != Kind::leaf) message(first, at, within, depth + 1);
        return;
      }
      case 5:
        return advance(at, end, 4);
      default:
        fail("it is no ONNX model");
    }
  }

  std::uint64_t varint(std::size_t& at, std::size_t end) const {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) fail("it is cut short, or no ONNX model");
      const auto byte = static_cast<unsigned char>(bytes_[at++]);
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
    fail("it is no ONNX model");
  }

  static void advance(std::size_t& at, std::size_t end, std::uint64_t length) {
    if (length > end - at) fail("it is cut short, or no ONNX model");
    at += static_cast<std::size_t>(length);
  }

  std::string_view bytes_;
  std::size_t messages_ = 0;
};

}  // namespace

void check_wire(std::string_view bytes) {
  if (bytes.size() > most_bytes) fail("it is larger than the 2 GiB that an ONNX file can have");
  Walk(bytes).message(0, bytes.size(), Kind::model, 0);
}

}  // namespace rectify::onnx
